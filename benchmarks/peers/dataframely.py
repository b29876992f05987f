"""dataframely: one schema, both sides as sinks of one graph. ``python -m benchmarks.peers.dataframely FILE FOLDER``."""

from __future__ import annotations

import sys

import dataframely as dy
import polars as pl

from benchmarks.generate import layout
from benchmarks.peers.frame import operator_right, read, typed
from benchmarks.peers.outcome import KEY_COLUMNS, report


class Reading(dy.Schema):
    """The twelve rules and the key."""

    observed_at = dy.Datetime(nullable=False, time_zone="UTC")
    day = dy.Date(nullable=True)
    device = dy.String(nullable=False, regex=layout.DEVICE_PATTERN)
    region = dy.String(nullable=True, check={"in": lambda column: column.is_in(layout.REGIONS)})
    road = dy.String(nullable=True)
    lane = dy.Int32(nullable=True, min=layout.LANE[0], max=layout.LANE[1])
    flow = dy.Int32(nullable=False, min=layout.FLOW[0], max=layout.FLOW[1])
    speed = dy.Float64(nullable=True, min=layout.SPEED_KMH[0], max=layout.SPEED_KMH[1])
    occupancy = dy.Float64(nullable=True, min=layout.OCCUPANCY_PCT[0], max=layout.OCCUPANCY_PCT[1])
    vehicle = dy.String(nullable=False)
    longitude = dy.Float64(nullable=True)
    latitude = dy.Float64(nullable=True)
    operator = dy.String(nullable=True)
    remark = dy.String(nullable=True)

    @dy.rule()
    def box(cls) -> pl.Expr:  # noqa: N805
        return pl.all_horizontal(pl.col(name).is_between(*bounds) for name, bounds in layout.BOX.items())

    @dy.rule()
    def operator_check(cls) -> pl.Expr:  # noqa: N805
        return operator_right()

    @dy.rule()
    def key(cls) -> pl.Expr:  # noqa: N805
        return pl.struct(KEY_COLUMNS).is_first_distinct()


RULES = {
    "time": ["observed_at|nullability"],
    "device": ["device|nullability"],
    "flow": ["flow|nullability"],
    "region": ["region|check__in"],
    "vehicle": ["vehicle|nullability"],
    "device_pattern": ["device|regex"],
    "operator": ["operator_check"],
    "box": ["box"],
    "key": ["key"],
    **{f"{name}_range": [f"{name}|min", f"{name}|max"] for name in ("lane", "flow", "speed", "occupancy")},
}


def main(source: str, folder: str) -> None:
    """Filter, write, count."""
    good, failure = Reading.filter(typed(read(source)))
    by_day = pl.PartitionBy(f"{folder}/good", key="day", include_key=False)
    refused = failure._lf
    bad = f"{folder}/bad.parquet"
    pl.collect_all(
        [good.sink_parquet(by_day, lazy=True, mkdir=True), refused.sink_parquet(bad, lazy=True)], engine="streaming"
    )
    rows = pl.scan_parquet(bad)
    names = set(rows.collect_schema())
    broken = {rule: ~pl.all_horizontal(set(parts) & names) for rule, parts in RULES.items()}
    counts = rows.select(pl.len().alias("rows"), **{rule: test.sum() for rule, test in broken.items()}).collect()
    told = counts.row(0, named=True)
    right = pl.scan_parquet(f"{folder}/good/**/*.parquet").select(pl.len()).collect().item()
    report(folder, right, told.pop("rows"), told)


if __name__ == "__main__":
    main(*sys.argv[1:3])
