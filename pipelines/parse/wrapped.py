"""A document whose records lie in a text within it: written anew with that text opened."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pipelines.parse.given import Given
from pipelines.parse.jsonstream import DECODER, JsonBrokenError, RepeatedMemberError
from pipelines.parse.limits import RECORD_CHARS
from pipelines.unwrap import unwrapped
from schemas.formats import JsonFormat


def opened(given: Given, path: Path, fmt: JsonFormat) -> Path:
    """``path``, or a document in ``given.scratch`` with the texts at ``fmt.unwrap`` opened; raises JSON_BROKEN.

    Such a document is read whole.
    """
    if not fmt.unwrap:
        return path
    if path.stat().st_size > RECORD_CHARS:
        raise given.fault("JSON_BROKEN", row=1, column=1, reason=f"more than {RECORD_CHARS} bytes to unwrap at once")
    try:
        document = unwrapped(DECODER.decode(path.read_text("utf-8-sig")), fmt.unwrap, _inner)
    except json.JSONDecodeError as error:
        raise given.fault("JSON_BROKEN", row=error.lineno, column=error.colno, reason=error.msg) from None
    except (RepeatedMemberError, RecursionError, JsonBrokenError) as error:
        raise given.fault("JSON_BROKEN", row=1, column=1, reason=_reason(error)) from None
    made = given.scratch / "unwrapped.json"
    made.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return made


def _inner(text: str) -> Any:
    try:
        return DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise JsonBrokenError(f"within a text to unwrap: {error.msg}", error.lineno, error.colno) from None
    except RepeatedMemberError as error:
        raise JsonBrokenError(f"within a text to unwrap: member {error} twice", 1, 1) from None
    except RecursionError:
        raise JsonBrokenError("within a text to unwrap: nested too deeply", 1, 1) from None


def _reason(error: Exception) -> str:
    if isinstance(error, JsonBrokenError):
        return error.reason
    return f"member {error} twice" if isinstance(error, RepeatedMemberError) else "nested too deeply"
