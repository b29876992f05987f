"""Waiting times: between requests by the rate limit, and after an error as long as the server says."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from threading import Lock

from citylake.schemas.words.errors import CitylakeError

MAX_WAIT_S = 120.0
"""A longer wait is not made: the next run tries again."""

_lock = Lock()
_free_at: dict[str, float] = {}


class TransientError(CitylakeError):
    """A transient fault: another attempt is made, after ``after_s`` seconds if the server says so."""

    after_s: float | None = None


def throttle_host(host: str, per_second: float) -> None:
    """Return when the next request to the host may be sent; concurrent callers are queued."""
    with _lock:
        now = time.monotonic()
        turn = max(now, _free_at.get(host, now))
        _free_at[host] = turn + 1 / per_second
    if turn > now:
        time.sleep(turn - now)


def note_rate_limit(host: str, headers: Mapping[str, str]) -> None:
    """Block requests to the host until its allowance is renewed, if the server says that it is used up."""
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
    """Seconds from now, or seconds since 1970-01-01: a large number cannot be a duration."""
    if not said.isdecimal():
        return None
    seconds = float(said)
    return seconds if seconds < 1e8 else max(0.0, seconds - time.time())


def should_retry(error: Exception) -> bool | float:
    """For stamina: whether to retry, and after how many seconds."""
    if not isinstance(error, TransientError):
        return False
    if error.after_s is None:
        return True
    return error.after_s if error.after_s <= MAX_WAIT_S else False
