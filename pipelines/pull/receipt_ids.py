"""Receipt ids: sortable by time and unique across machines."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from threading import Lock

_lock = Lock()
_last = datetime.min.replace(tzinfo=UTC)


def new_receipt_id() -> str:
    """A new id: the time in UTC to the microsecond, unique in the process, and a random suffix."""
    global _last
    with _lock:
        _last = max(datetime.now(UTC), _last + timedelta(microseconds=1))
        return f"{_last:%Y%m%dT%H%M%S%f}Z-{secrets.token_hex(4)}"
