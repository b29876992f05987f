"""A document that was saved although it tells of a failure: the envelope says so, not the bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipelines.parse.given import Given
from pipelines.parse.jsonstream import Document, JsonBrokenError, RepeatedMemberError
from pipelines.parse.limits import RECORD_CHARS


def check_success(given: Given, path: Path, page: int) -> None:
    """Raise ENVELOPE_FAILED where the contract's envelope says that the document at ``path`` is no success."""
    envelope = given.envelope
    if envelope is None:
        return
    try:
        found = member(path, envelope.field)
    except (JsonBrokenError, RepeatedMemberError):
        # The reading itself comes upon it, and tells where.
        return
    if any(_text(found) == _text(wanted) for wanted in envelope.success):
        return
    said = member(path, envelope.message) if envelope.message else None
    message = _text(said) if said is not None else f"{envelope.field} = {_text(found)}"
    raise given.fault("ENVELOPE_FAILED", page=page, message=message[:200])


def member(path: Path, name: str) -> Any:
    """The first value at ``name`` in a JSON file, numbers as their text; None where there is none."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return next(iter(Document(file, RECORD_CHARS).records(name)), None)


def _text(value: Any) -> str:
    """Numbers come as text, so that 2000 and "2000" are one; true is not 1."""
    return str(value).lower() if isinstance(value, bool | None) else str(value)
