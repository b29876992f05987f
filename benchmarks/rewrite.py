"""A copy of a Delta table in another layout: ``python -m benchmarks.rewrite TABLE COPY compact|sort``."""

from __future__ import annotations

import sys

import polars as pl
from deltalake import write_deltalake

KEY = ("device_code", "lane_no", "observed_at")


def main(table: str, copy: str, how: str) -> None:
    """Write one file a day, one day at a time to bound memory."""
    rows = pl.scan_delta(table)
    days = rows.select(pl.col("_day").unique().sort()).collect(engine="streaming").to_series()
    for day in days:
        part = rows.filter(pl.col("_day") == day)
        part = part.sort(KEY) if how == "sort" else part
        write_deltalake(copy, part.collect(engine="streaming").to_arrow(), partition_by=["_day"], mode="append")


if __name__ == "__main__":
    main(*sys.argv[1:4])
