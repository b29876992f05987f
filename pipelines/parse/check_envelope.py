"""Response envelopes: a document whose bytes are fine but which reports a failure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from citylake.pipelines.parse.json_stream import JsonBrokenError, JsonDocument, RepeatedMemberError
from citylake.pipelines.parse.parse_limits import RECORD_CHARS
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.pipelines.parse.utf8_text import Utf8Text
from citylake.schemas.model.source import ResponseEnvelope


def check_envelope(request: ReadRequest, path: Path, page: int) -> None:
    """Raise ENVELOPE_FAILED if the contract's envelope marks the document at ``path`` as a failure."""
    for envelope in request.envelope:
        try:
            there, found = _find_member(path, envelope.field)
        except (JsonBrokenError, RepeatedMemberError):
            # The reader finds the same fault, and reports its position.
            return
        if not _is_success(envelope, there, found):
            said = read_json_member(path, envelope.message) if envelope.message else None
            message = _comparable_text(said) if said is not None else f"{envelope.field} = {_comparable_text(found)}"
            raise request.fault("ENVELOPE_FAILED", page=page, message=message[:200])


def _is_success(envelope: ResponseEnvelope, there: bool, found: Any) -> bool:
    if envelope.success is None:
        return there
    return any(_comparable_text(found) == _comparable_text(wanted) for wanted in envelope.success)


def read_json_member(path: Path, name: str) -> Any:
    """The member at ``name`` in a JSON file, or its first item, with numbers as text; None if there is none."""
    return _find_member(path, name)[1]


def _find_member(path: Path, name: str) -> tuple[bool, Any]:
    """Whether the member exists and is not null; and the member, or its first item."""
    with path.open("rb") as file:
        document = JsonDocument(Utf8Text(file), RECORD_CHARS)
        found = next(document.records(name), None)
        return document.found and not document.null, found


def _comparable_text(value: Any) -> str:
    """Numbers are text, so that 2000 equals "2000"; true does not equal 1."""
    return str(value).lower() if isinstance(value, bool | None) else str(value)
