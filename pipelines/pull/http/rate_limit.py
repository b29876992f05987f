"""How long to wait: before a request, so as to be polite; after a refusal, as long as the server says."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock

from citylake.schemas.words.errors import CitylakeError

MAX_WAIT_S = 120.0
"""A longer wait is left to the next run."""

_lock = Lock()
_free_at: dict[str, float] = {}


class TransientError(CitylakeError):
    """A fault that may heal: worth another attempt, after ``after_s`` seconds where the server says so."""

    after_s: float | None = None


def throttle_host(host: str, per_second: float) -> None:
    """Return when the host may be asked again; callers in other threads get their own turns."""
    with _lock:
        now = time.monotonic()
        turn = max(now, _free_at.get(host, now))
        _free_at[host] = turn + 1 / per_second
    if turn > now:
        time.sleep(turn - now)


def note_rate_limit(host: str, headers: Mapping[str, str]) -> None:
    """Where the server says that nothing is left of its allowance, the host rests until it is renewed."""
    left, renewed_s = headers.get("x-ratelimit-remaining"), parse_retry_after(headers)
    if left is None or not left.strip().isdecimal() or int(left) or renewed_s is None:
        return
    with _lock:
        _free_at[host] = max(_free_at.get(host, 0.0), time.monotonic() + min(renewed_s, MAX_WAIT_S))


def parse_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds by ``Retry-After`` (RFC 9110, 10.2.3: a number or a date), or by ``X-RateLimit-Reset``."""
    said = headers.get("retry-after", "").strip()
    if said.isdecimal():
        return float(said)
    try:
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return _parse_rate_reset(headers.get("x-ratelimit-reset", "").strip())


def _parse_rate_reset(said: str) -> float | None:
    """Either seconds from now, or an epoch: no allowance lasts for years."""
    if not said.isdecimal():
        return None
    seconds = float(said)
    return seconds if seconds < 1e8 else max(0.0, seconds - time.time())


def should_retry(error: Exception) -> bool | float:
    """Stamina's question: whether to ask again, and after how many seconds."""
    if not isinstance(error, TransientError):
        return False
    if error.after_s is None:
        return True
    return error.after_s if error.after_s <= MAX_WAIT_S else False
