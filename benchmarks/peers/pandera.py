"""pandera on polars: ``python -m benchmarks.peers.pandera FILE FOLDER``."""

from __future__ import annotations

import sys

import pandera.polars as pa
import polars as pl
from pandera.errors import SchemaErrors

from benchmarks.generate import layout
from benchmarks.peers.frame import operator_right, read, typed
from benchmarks.peers.outcome import KEY_COLUMNS, report


def _column(rule: str, test: pl.Expr) -> pa.Check:
    return pa.Check(lambda data: data.lazyframe.select(test.fill_null(value=True)), name=rule)


def _range(rule: str, name: str, bounds: tuple[float, float]) -> pa.Check:
    return _column(rule, pl.col(name).is_between(*bounds))


def schema() -> pa.DataFrameSchema:
    """The twelve rules and the key, each as a named check."""
    box = pl.all_horizontal(pl.col(name).is_between(*bounds) for name, bounds in layout.BOX.items())
    return pa.DataFrameSchema(
        checks=[
            _column("time", pl.col("observed_at").is_not_null()),
            _column("device", pl.col("device").is_not_null()),
            _column("flow", pl.col("flow").is_not_null()),
            _range("lane_range", "lane", layout.LANE),
            _range("flow_range", "flow", layout.FLOW),
            _range("speed_range", "speed", layout.SPEED_KMH),
            _range("occupancy_range", "occupancy", layout.OCCUPANCY_PCT),
            _column("region", pl.col("region").is_in(layout.REGIONS)),
            _column("vehicle", pl.col("vehicle").is_not_null()),
            _column("device_pattern", pl.col("device").str.contains(layout.DEVICE_PATTERN)),
            _column("operator", operator_right()),
            _column("box", box),
            _column("key", pl.struct(KEY_COLUMNS).is_first_distinct()),
        ]
    )


def main(source: str, folder: str) -> None:
    """Validate everything at once, split the rows by the failure cases, write, count."""
    frame = typed(read(source)).collect(engine="streaming")
    try:
        schema().validate(frame, lazy=True)
        cases = pl.DataFrame(schema={"index": pl.Int32(), "check": pl.String()})
    except SchemaErrors as errors:
        cases = errors.failure_cases.select("index", "check")
    reasons = (
        cases.group_by("index").agg(pl.col("check").alias("reasons")).with_columns(pl.col("index").cast(pl.UInt32))
    )
    told = frame.with_row_index("index").join(reasons, on="index", how="left", maintain_order="left").drop("index")
    right = told.filter(pl.col("reasons").is_null()).drop("reasons")
    right.lazy().sink_parquet(pl.PartitionBy(f"{folder}/good", key="day", include_key=False), mkdir=True)
    bad = told.filter(pl.col("reasons").is_not_null())
    bad.write_parquet(f"{folder}/bad.parquet")
    report(folder, right.height, bad.height, dict(cases.group_by("check").len().iter_rows()))


if __name__ == "__main__":
    main(*sys.argv[1:3])
