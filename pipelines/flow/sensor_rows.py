"""Rows of a standard table as the sensor tests read them: the same columns and types, whatever a file has."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl
import polars.selectors as cs

from citylake.pipelines.lake.lake_zones import Lake
from citylake.quality.sensors.sensor_series import AT
from citylake.schemas.read.sensor_series_plan import SeriesPlan

UTC_TIME = pl.Datetime("us", "UTC")
_ANY_WIDTH = pl.ScanCastOptions(integer_cast=["upcast", "allow-float"], float_cast=["upcast", "downcast"])
"""Files of a table whose column became wider keep the narrow type."""


def scan_standard(lake: Lake, files: Sequence[str], schema: pl.Schema | None = None) -> pl.LazyFrame:
    """Scan files of a standard table; files of different receipts may lack a column that another has."""
    return pl.scan_parquet(
        list(files),
        schema=schema,
        cast_options=_ANY_WIDTH,
        missing_columns="insert",
        extra_columns="ignore",
        glob=False,
        hive_partitioning=False,
        storage_options=lake.storage_options,
    )


def select_series(rows: pl.LazyFrame, plan: SeriesPlan) -> pl.LazyFrame:
    """Return AT and the plan's columns of the rows with a sensor and a time.

    Sensors and groups are String, all else Float64. Numbers of any width can be compared; a column of another kind of
    type, or one that the rows lack, is null. Rows without the columns of the sensor or of the time do not count.
    """
    known = rows.collect_schema()
    texts = [as_text(known, name) for name in plan.names]
    numbers = [as_number(known, name) for name in plan.numbers]
    needed = cs.by_name(AT, *plan.entity).is_not_null()
    return rows.select(as_utc(known, plan.time).alias(AT), *texts, *numbers).filter(pl.all_horizontal(needed))


def as_utc(known: pl.Schema, column: str) -> pl.Expr:
    """The column as a time in UTC (microseconds); null if the column is missing, or no date or time."""
    kind = known.get(column)
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        return cs.by_name(column).cast(UTC_TIME)
    is_time = isinstance(kind, pl.Datetime | pl.Date)
    plain = cs.by_name(column).cast(pl.Datetime("us")) if is_time else _nothing(pl.Datetime("us"))
    return plain.dt.replace_time_zone("UTC")


def as_text(known: pl.Schema, column: str) -> pl.Expr:
    """The column as String; null if it is missing or has no plain text."""
    kind = known.get(column)
    is_plain = kind is not None and not kind.is_nested() and kind not in (pl.Binary, pl.Object)
    return (cs.by_name(column).cast(pl.String) if is_plain else _nothing(pl.String())).alias(column)


def as_number(known: pl.Schema, column: str) -> pl.Expr:
    """The column as Float64; null if it is missing or no number."""
    kind = known.get(column)
    is_number = kind is not None and kind.is_numeric()
    return (cs.by_name(column).cast(pl.Float64) if is_number else _nothing(pl.Float64())).alias(column)


def _nothing(kind: pl.DataType) -> pl.Expr:
    # As long as the frame: a frame of literals alone would have one row.
    return pl.repeat(None, pl.len(), dtype=kind)
