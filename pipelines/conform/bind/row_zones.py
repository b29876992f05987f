"""A zone per row: each local time in the time zone that a field of its row names."""

from __future__ import annotations

from dataclasses import replace
from zoneinfo import available_timezones

import polars as pl

from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn
from citylake.pipelines.conform.bind.elementwise import UTC_DATETIME
from citylake.pipelines.conform.bind.label_periods import start_from_local
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.model.binding_words import ZoneFrom


def row_zone_expr(zone: ZoneFrom) -> pl.Expr:
    """The IANA name of the row's zone; null if the field has another text."""
    text = pl.col(RAW_PREFIX + zone.field).str.strip_chars()
    names = zone.names or {name: name for name in sorted(available_timezones())}
    return text.replace_strict(names, default=None, return_dtype=pl.String)


def start_in_row_zone(bound: BoundColumn, local: pl.Expr, zone: ZoneFrom) -> pl.Expr:
    """The period's start as an instant, from local times that are each in the zone of their row."""

    def work(rows: pl.Series) -> pl.Series:
        frame = rows.struct.unnest()
        found = pl.Series("moment", [None], dtype=UTC_DATETIME).new_from_index(0, frame.height)
        for name in frame["zone"].drop_nulls().unique():
            moments = frame.select(start_from_local(replace(bound, zone=name), pl.col("local"))).to_series()
            found = moments.zip_with((frame["zone"] == name).fill_null(value=False), found)
        return found

    both = pl.struct(local.alias("local"), row_zone_expr(zone).alias("zone"))
    return both.map_batches(work, return_dtype=UTC_DATETIME, is_elementwise=True)


def row_repeated_rule(bound: BoundColumn, zone: ZoneFrom, moment: pl.Expr) -> RowRule:
    """TIME_REPEATED for a local time that the zone of its row repeats; ``moment`` is the instant in the source."""

    def work(rows: pl.Series) -> pl.Series:
        frame = rows.struct.unnest()
        found = pl.Series("repeated", [False]).new_from_index(0, frame.height)
        for name in frame["zone"].drop_nulls().unique():
            local = frame["moment"].dt.convert_time_zone(name).dt.replace_time_zone(None)
            earlier, later = (
                local.dt.replace_time_zone(name, ambiguous=side, non_existent="null") for side in ("earliest", "latest")
            )
            found |= ((frame["zone"] == name) & (earlier != later)).fill_null(value=False)
        return found

    both = pl.struct(moment.alias("moment"), row_zone_expr(zone).alias("zone"))
    repeated = both.map_batches(work, return_dtype=pl.Boolean, is_elementwise=True)
    return RowRule("TIME_REPEATED", bound.column, repeated, "warning", detail=row_zone_expr(zone))
