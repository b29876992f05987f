"""The polars side that several peers share: typed columns in UTC, km/h and codes."""

from __future__ import annotations

import polars as pl

from benchmarks.generate.layout import COLUMNS, DECIMALS, INTEGERS, TIME_FORMAT, VEHICLES
from benchmarks.peers import credit_code


def read(source: str) -> pl.LazyFrame:
    """The file with types where the cast cannot fail."""
    types = dict.fromkeys(INTEGERS, pl.Int32()) | dict.fromkeys(DECIMALS, pl.Float64())
    schema = {header: types.get(name, pl.String()) for header, name in COLUMNS.items()}
    return pl.scan_csv(source, schema=schema).rename(COLUMNS)


def typed(frame: pl.LazyFrame) -> pl.LazyFrame:
    """``observed_at`` in UTC, ``day`` local, ``speed`` in km/h, ``vehicle`` as a code; null if unreadable."""
    local = pl.col("time").str.to_datetime(TIME_FORMAT, time_unit="us", strict=False)
    vehicle: pl.Expr = pl.lit(None, pl.String)
    for label, code in VEHICLES.items():
        vehicle = pl.when(pl.col("vehicle") == label).then(pl.lit(code)).otherwise(vehicle)
    return frame.with_columns(
        local.dt.offset_by("-8h").dt.replace_time_zone("UTC").alias("observed_at"),
        local.dt.date().alias("day"),
        pl.when(pl.col("unit") == "m/s").then(pl.col("speed") * 3.6).otherwise(pl.col("speed")).alias("speed"),
        vehicle.alias("vehicle"),
    ).drop("time", "unit")


def operator_right() -> pl.Expr:
    """Whether the credit code is valid; each distinct one is checked once per batch."""

    def check(codes: pl.Series) -> pl.Series:
        known = [code for code in codes.unique().drop_nulls() if credit_code.right(code)]
        return codes.is_in(known)

    return pl.col("operator").map_batches(check, return_dtype=pl.Boolean, is_elementwise=True)
