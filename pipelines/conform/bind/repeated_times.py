"""Local times that a zone repeats when its clocks go back: the earlier instant is used, with a warning on the row."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.elementwise import map_elementwise
from citylake.pipelines.conform.bind.label_periods import has_calendar_period
from citylake.pipelines.conform.bind.time_values import labelled_instant
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.model.binding_words import ZoneFrom
from citylake.schemas.notation.time_format import uses_zone
from citylake.schemas.notation.zone_kinds import changes_clocks


def repeated_time_rules(bounds: Sequence[BoundColumn]) -> list[RowRule]:
    """TIME_REPEATED for columns of local times in a zone that changes its clocks in our time; others cost nothing."""
    return [_repeated_time_rule(bound) for bound in bounds if _is_local_time(bound) and changes_clocks(bound.zone)]


def _is_local_time(bound: BoundColumn) -> bool:
    if (
        bound.element.type != "datetime"
        or bound.binding.constant is not None
        or isinstance(bound.binding.zone, ZoneFrom)
    ):
        return False
    # Counted and marked hours are unambiguous.
    if bound.binding.hours or bound.binding.repeated:
        return False
    # A calendar day begins at the earlier of two midnights.
    return uses_zone(bound.binding.format or "") and not has_calendar_period(bound)


def _repeated_time_rule(bound: BoundColumn) -> RowRule:
    repeated = map_elementwise(
        labelled_instant(bound, pl.col(bound.column)),
        lambda moments: _is_repeated_time(moments, bound.zone),
        pl.Boolean,
    )
    return RowRule("TIME_REPEATED", bound.column, repeated, "warning", detail_text=bound.zone)


def _is_repeated_time(moments: pl.Series, zone: str) -> pl.Series:
    local = moments.dt.convert_time_zone(zone).dt.replace_time_zone(None)
    earlier = local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
    return earlier != local.dt.replace_time_zone(zone, ambiguous="latest", non_existent="null")
