"""A JSON document that steers a fetch: members by dotted path, the envelope, and the records that it holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import Any

from schemas.faults import CitylakeError
from schemas.source import Envelope


def dig(document: Any, path: str | None) -> Any:
    """The member at ``path`` (``result.items``, list items by index); None where there is none."""
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


def records_of(document: Any, path: str | None) -> Sequence[Any]:
    """The records at ``path``: a list, one record, or none."""
    found = dig(document, path)
    if isinstance(found, list):
        return found
    return [] if found is None else [found]


def count_of(value: Any) -> int | None:
    """A declared count; None where the server only says "more than"."""
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def digest_of(records: Sequence[Any]) -> str:
    """A fingerprint of records, to know a page again whose envelope tells another time."""
    return hashlib.sha256(json.dumps(records, sort_keys=True).encode()).hexdigest()


def refusal(document: Any, envelope: Envelope | None) -> str | None:
    """The server's message where ``envelope`` says that the answer is none; None where it is one."""
    if envelope is None:
        return None
    found = dig(document, envelope.field)
    # 1 == True in Python, not in JSON.
    if any(type(found) is type(wanted) and found == wanted for wanted in envelope.success):
        return None
    message = dig(document, envelope.message)
    return str(message) if message is not None else f"{envelope.field} = {found!r}"


def read_document(body: bytes, encoding: str, shown: str) -> Any:
    """``body`` as JSON; raises HTTP_NOT_JSON with its beginning."""
    try:
        return json.loads(body.decode(encoding.replace("utf-8", "utf-8-sig")))
    except (ValueError, RecursionError) as error:
        start = " ".join(body[:200].decode(encoding, "replace").split())
        raise CitylakeError("HTTP_NOT_JSON", source=shown, start=start[:120]) from error
