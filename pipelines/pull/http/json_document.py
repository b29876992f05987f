"""JSON responses: members by dotted path, envelopes and records."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from citylake.schemas.model.source import ResponseEnvelope
from citylake.schemas.words.errors import CitylakeError


def get_member(document: Any, path: str | None) -> Any:
    """The member at ``path`` (``result.items``, list items by index); None if there is none."""
    for key in path.split(".") if path else ():
        if isinstance(document, dict):
            # ``@odata.nextLink``: a dot may be part of a name.
            if path in document:
                return document[path]
            document = document.get(key)
        elif isinstance(document, list) and key.isdecimal() and int(key) < len(document):
            document = document[int(key)]
        else:
            return None
    return document


def has_member(document: Any, path: str | None) -> bool:
    """Whether there is a member at ``path``, also if it is null."""
    above, _, name = (path or "").rpartition(".")
    parent = get_member(document, above or None)
    return not path or (isinstance(document, dict) and path in document) or _has_item(parent, name)


def _has_item(parent: Any, name: str) -> bool:
    if isinstance(parent, list):
        return name.isdecimal() and int(name) < len(parent)
    return isinstance(parent, dict) and name in parent


def select_records(document: Any, path: str | None) -> Sequence[Any]:
    """The records at ``path``: a list, one record, or none."""
    found = get_member(document, path)
    if isinstance(found, list):
        return found
    return [] if found is None else [found]


def as_object_list(value: Any) -> list[dict[str, Any]] | None:
    """``value`` if it is a list of objects; else None."""
    return value if isinstance(value, list) and all(isinstance(each, dict) for each in value) else None


def parse_count(value: Any) -> int | None:
    """A declared count; None if the server declares only a lower bound."""
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


encode_canonical = json.JSONEncoder(sort_keys=True).encode
"""The canonical text of a value: equal values have the same."""


def digest_records(records: Sequence[Any]) -> str:
    """A fingerprint of records, by which a page is recognized although its envelope differs."""
    return hashlib.sha256(encode_canonical(records).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class EnvelopeFailure:
    """The error in an envelope, and whether a retry may help."""

    message: str
    heals: bool


def check_envelopes(document: Any, envelopes: Iterable[ResponseEnvelope]) -> EnvelopeFailure | None:
    """The error by the first of ``envelopes`` that does not hold; None if all hold."""
    for envelope in envelopes:
        found = get_member(document, envelope.field)
        if not _envelope_holds(envelope, found):
            message = get_member(document, envelope.message) if envelope.message else None
            told = str(message) if message is not None else f"{envelope.field} = {found!r}"
            return EnvelopeFailure(told, not any(word in told for word in envelope.final))
    return None


def _envelope_holds(envelope: ResponseEnvelope, found: Any) -> bool:
    if envelope.success is None:
        return found is not None
    # 1 == True in Python, not in JSON.
    return any(type(found) is type(wanted) and found == wanted for wanted in envelope.success)


def parse_json_body(body: bytes, encoding: str, shown: str, redact: Callable[[str], str] = str) -> Any:
    """``body`` as JSON; raises HTTP_NOT_JSON with its beginning, redacted before it is cut."""
    try:
        return json.loads(body.decode(encoding.replace("utf-8", "utf-8-sig")))
    except (ValueError, RecursionError) as error:
        start = redact(" ".join(body[:4096].decode(encoding, "replace").split()))
        raise CitylakeError("HTTP_NOT_JSON", source=shown, start=start[:120]) from error
