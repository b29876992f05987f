"""A fault at the command line: told in words or as JSON, with the right exit code."""

from __future__ import annotations

import json
import os
import sys
import traceback

from typer import Abort, TyperException

from schemas.catalogue import current_language, issue_type, tell
from schemas.faults import CitylakeError, Problem

_USAGE, _FAILED = 1, 3
_BY_SCOPE = {"declaration": _USAGE, "usage": _USAGE, "source": 2, "batch": 2, "row": 2, "run": _FAILED}


def told(error: Exception, *, as_json: bool) -> int:
    """Tell what went wrong and return the exit code."""
    if os.environ.get("CITYLAKE_DEBUG"):
        traceback.print_exception(error)
    fault = _known(error)
    words = {language: tell(fault.code, fault.values, language) for language in ("zh", "en")}
    if as_json:
        print(json.dumps({"error": {"code": fault.code, "text": words}}, ensure_ascii=False))
    else:
        print(words[current_language()], file=sys.stderr)
    return _BY_SCOPE[issue_type(fault.code).scope]


def warn(problem: Problem) -> None:
    """Tell of something that went wrong beside the work, and did not stop it."""
    print(tell(problem.code, problem.values), file=sys.stderr)


def _known(error: Exception) -> CitylakeError:
    if isinstance(error, CitylakeError):
        return error
    if isinstance(error, TyperException):
        return CitylakeError("USAGE", why=error.format_message())
    if isinstance(error, Abort):
        return CitylakeError("NOT_DONE", why="interrupted")
    return CitylakeError("NOT_DONE", why=f"{type(error).__name__}: {error}")
