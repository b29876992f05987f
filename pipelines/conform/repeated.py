"""Local times that a zone repeats when its clocks go back: the earlier is taken, and the row says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from zoneinfo import ZoneInfo

import polars as pl

from pipelines.conform.bound import Bound
from pipelines.conform.elementwise import elementwise
from pipelines.conform.times import as_labelled
from quality.rules.row_rule import RowRule

_YEARS = range(2000, 2040)


def repeated_times(bounds: Sequence[Bound]) -> list[RowRule]:
    """TIME_REPEATED for columns of local times in a zone that changes its clocks in our time; others cost nothing."""
    return [_rule(bound) for bound in bounds if _is_local(bound) and _changes(bound.zone)]


def _is_local(bound: Bound) -> bool:
    if bound.element.type != "datetime" or bound.binding.constant is not None:
        return False
    forms = (bound.binding.format or "").split("||")
    return any("epoch" not in form and "%z" not in form for form in forms)


@cache
def _changes(zone: str) -> bool:
    info = ZoneInfo(zone)
    return len({datetime(year, month, 1, tzinfo=info).utcoffset() for year in _YEARS for month in (1, 7)}) > 1


def _rule(bound: Bound) -> RowRule:
    repeated = elementwise(
        as_labelled(bound, pl.col(bound.column)), lambda moments: _repeats(moments, bound.zone), pl.Boolean
    )
    return RowRule("TIME_REPEATED", bound.column, repeated, "warning", detail_text=bound.zone)


def _repeats(moments: pl.Series, zone: str) -> pl.Series:
    local = moments.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    earlier = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return earlier != local.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")
