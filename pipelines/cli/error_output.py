"""Prints an error as text or JSON, and returns the exit code of its issue type."""

from __future__ import annotations

import json
import os
import traceback

from typer import Abort, TyperException

from citylake.pipelines.cli.terminal_text import escape_json, print_text
from citylake.schemas.words.errors import CitylakeError, Problem
from citylake.schemas.words.message_catalogue import current_language, issue_type, render_issue

_USAGE, _FAILED = 1, 3
# The command is right, but it has no workspace yet.
_BY_CODE = {"WORKSPACE_NOT_CHOSEN": 2}
_BY_SCOPE = {"declaration": _USAGE, "usage": _USAGE, "source": 2, "batch": 2, "row": 2, "run": _FAILED}


def print_error(error: Exception, *, as_json: bool) -> int:
    """Print the error and return the exit code.

    Text goes to standard error, JSON to standard output. ``CITYLAKE_DEBUG`` adds the traceback.
    """
    if os.environ.get("CITYLAKE_DEBUG"):
        print_text("".join(traceback.format_exception(error)), error=True, end="")
    fault = _as_citylake_error(error)
    words = {language: render_issue(fault.code, fault.values, language) for language in ("zh", "en")}
    if as_json:
        print(escape_json(json.dumps({"error": {"code": fault.code, "text": words}}, ensure_ascii=False)))
    else:
        print_text(words[current_language()], error=True)
    return _BY_CODE.get(fault.code, _BY_SCOPE[issue_type(fault.code).scope])


def print_warning(problem: Problem) -> None:
    """Print a problem that did not stop the command to standard error."""
    print_text(render_issue(problem.code, problem.values), error=True)


def _as_citylake_error(error: Exception) -> CitylakeError:
    if isinstance(error, CitylakeError):
        return error
    if isinstance(error, TyperException):
        return CitylakeError("USAGE", why=error.format_message())
    if isinstance(error, Abort):
        return CitylakeError("NOT_DONE", why="interrupted")
    return CitylakeError("NOT_DONE", why=f"{type(error).__name__}: {error}")
