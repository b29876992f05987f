"""Receipt ids as numbers of the lake's clock: ids sort as their numbers do."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

_FORMAT = "%Y%m%dT%H%M%S%fZ"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def receipt_id(number: int) -> str:
    """An id that sorts by its number (written as the UTC time of so many microseconds), with a random suffix."""
    return f"{_EPOCH + timedelta(microseconds=number):{_FORMAT}}-{secrets.token_hex(4)}"


def receipt_number(identity: str) -> int:
    """The number of an id; 0 if it has another form."""
    try:
        at = datetime.strptime(identity.partition("-")[0], _FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return 0
    return (at - _EPOCH) // timedelta(microseconds=1)
