"""JSON within strings of JSON: a document, or the record of a line, with these strings parsed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from citylake.pipelines.parse.json_stream import TEXT_DECODER, JsonBrokenError, RepeatedMemberError
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.pipelines.pull.http.decode_nested_json import decode_nested_json, has_json_path
from citylake.schemas.model.formats import JsonFormat


def unwrap_json_file(request: ReadRequest, path: Path, fmt: JsonFormat, present: set[str]) -> Path:
    """``path``, or a document in ``request.scratch`` with the strings at ``fmt.unwrap`` parsed.

    Raises JSON_BROKEN or RECORD_TOO_LARGE.

    ``present``: the paths that a document has are added.

    Such a document is read into memory.
    """
    if not fmt.unwrap or fmt.lines:
        return path
    if path.stat().st_size > request.record_chars:
        raise request.fault("RECORD_TOO_LARGE", row=1, limit=request.record_chars)
    try:
        document = decode_nested_json(TEXT_DECODER.decode(path.read_text("utf-8-sig")), fmt.unwrap, _decode_inner)
    except json.JSONDecodeError as error:
        raise request.fault("JSON_BROKEN", row=error.lineno, column=error.colno, reason=error.msg) from None
    except (RepeatedMemberError, RecursionError, JsonBrokenError) as error:
        raise request.fault("JSON_BROKEN", row=1, column=1, reason=_broken_reason(error)) from None
    present.update(name for name in fmt.unwrap if has_json_path(document, name))
    made = request.scratch / "unwrapped.json"
    made.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
    return made


def unwrap_json_record(record: Any, paths: Sequence[str], present: set[str]) -> Any:
    """``record``, a line of its own, with the strings at ``paths`` parsed; one that is no JSON stays a string.

    So a message that was cut off is a fault of its row, and of no other. ``present``: as :func:`unwrap_json_file`.
    """
    found = decode_nested_json(record, paths, TEXT_DECODER.decode)
    present.update(name for name in paths if name not in present and has_json_path(found, name))
    return found


def _decode_inner(text: str) -> Any:
    try:
        return TEXT_DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise JsonBrokenError(f"within a text to unwrap: {error.msg}", error.lineno, error.colno) from None
    except RepeatedMemberError as error:
        raise JsonBrokenError(f"within a text to unwrap: member {error} twice", 1, 1) from None
    except RecursionError:
        raise JsonBrokenError("within a text to unwrap: nested too deeply", 1, 1) from None


def _broken_reason(error: Exception) -> str:
    if isinstance(error, JsonBrokenError):
        return error.reason
    return f"member {error} twice" if isinstance(error, RepeatedMemberError) else "nested too deeply"
