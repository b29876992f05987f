"""Wall-clock time of a zone as SQL that gives the same in every session, also in a DuckDB without its ICU extension."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from citylake.pipelines.marts.make.mart_engine import sql_literal

_MICRO: Final = 1_000_000
_STEP: Final = timedelta(days=7)
"""Clocks are changed at most once in so many days; where they were not, a change could be missed."""
_MOST_CHANGES: Final = 400
_FIRST, _LAST = datetime(1900, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
Change = tuple[int, int]
"""The microsecond from which an offset holds, and the offset in microseconds."""


def local_time_sql(value: str, zone: str, first_us: int | None, last_us: int | None) -> str:
    """Return SQL for the wall-clock time (TIMESTAMP) in ``zone`` at ``value``, a TIMESTAMPTZ between the two times.

    ``first_us``, ``last_us``: microseconds since 1970; None if there are no values. The changes of the clock between
    them are written into the SQL. If these are very many, the SQL uses ``AT TIME ZONE``.
    """
    changes = list(clock_changes(ZoneInfo(zone), first_us or 0, last_us or 0))
    if len(changes) > _MOST_CHANGES:
        return f"{value} AT TIME ZONE {sql_literal(zone)}"
    micros = f"epoch_us({value})"
    # The last change comes first, so that the first condition that holds decides.
    cases = " ".join(f"WHEN {micros} >= {at} THEN {offset}" for at, offset in reversed(changes[1:]))
    offset = f"CASE {cases} ELSE {changes[0][1]} END" if cases else str(changes[0][1])
    return f"CASE WHEN isfinite({value}) THEN make_timestamp({micros} + {offset}) END"


def clock_changes(zone: ZoneInfo, first_us: int, last_us: int) -> Iterator[Change]:
    """Yield the offset at ``first_us``, then every change of it up to ``last_us``."""
    at, last = _bounded(first_us), _bounded(last_us)
    offset = _offset(at, zone)
    yield _micros(at), _as_us(offset)
    while at < last:
        following = min(at + _STEP, last)
        if (then := _offset(following, zone)) != offset:
            yield _micros(_turn(zone, at, following)), _as_us(then)
            offset = then
        at = following


def _turn(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second from which the offset of ``after`` holds."""
    held = _offset(after, zone)
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before).total_seconds() // 2)
        before, after = (before, middle) if _offset(middle, zone) == held else (middle, after)
    return after.replace(microsecond=0)


def _bounded(micros: int) -> datetime:
    """The second of a time, within the years of which the zones are known."""
    least, most = _micros(_FIRST), _micros(_LAST)
    return _EPOCH + timedelta(seconds=min(max(micros, least), most) // _MICRO)


def _offset(at: datetime, zone: ZoneInfo) -> timedelta:
    return at.astimezone(zone).utcoffset() or timedelta()


def _micros(at: datetime) -> int:
    return _as_us(at - _EPOCH)


def _as_us(span: timedelta) -> int:
    return span // timedelta(microseconds=1)
