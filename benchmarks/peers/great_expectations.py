"""Great Expectations on pandas, every failing row named: ``… -m benchmarks.peers.great_expectations FILE FOLDER``."""

from __future__ import annotations

import sys
from collections import defaultdict
from typing import Any

import great_expectations as gx
import polars as pl

from benchmarks.generate import layout
from benchmarks.peers.frame import operator_right, read, typed
from benchmarks.peers.outcome import KEY_COLUMNS, report

ROW = "row_no"


def expectations() -> dict[str, list[Any]]:
    """Rule → its expectations. Rules that no expectation covers are precomputed as boolean columns."""
    e: Any = gx.expectations
    ranges = {
        f"{name}_range": [e.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high)]
        for name, (low, high) in {
            "lane": layout.LANE,
            "flow": layout.FLOW,
            "speed": layout.SPEED_KMH,
            "occupancy": layout.OCCUPANCY_PCT,
        }.items()
    }
    return {
        "time": [e.ExpectColumnValuesToNotBeNull(column="observed_at")],
        "device": [e.ExpectColumnValuesToNotBeNull(column="device")],
        "flow": [e.ExpectColumnValuesToNotBeNull(column="flow")],
        **ranges,
        "region": [e.ExpectColumnValuesToBeInSet(column="region", value_set=list(layout.REGIONS))],
        "vehicle": [e.ExpectColumnValuesToNotBeNull(column="vehicle")],
        "device_pattern": [e.ExpectColumnValuesToMatchRegex(column="device", regex=layout.DEVICE_PATTERN)],
        "operator": [e.ExpectColumnValuesToBeInSet(column="operator_right", value_set=[True])],
        "box": [
            e.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high)
            for name, (low, high) in layout.BOX.items()
        ],
        "key": [e.ExpectColumnValuesToBeInSet(column="first_of_key", value_set=[True])],
    }


def main(source: str, folder: str) -> None:
    """Validate, split the rows by the returned indices, write, count."""
    given = typed(read(source)).with_columns(
        operator_right=operator_right(), first_of_key=pl.struct(KEY_COLUMNS).is_first_distinct()
    )
    frame = given.with_row_index(ROW).collect(engine="streaming")
    broken = _broken(frame)
    reasons = _reasons(broken)
    told = frame.drop("operator_right", "first_of_key").join(reasons, on=ROW, how="left").drop(ROW)
    good, bad = told.filter(pl.col("reasons").is_null()).drop("reasons"), told.filter(pl.col("reasons").is_not_null())
    good.lazy().sink_parquet(pl.PartitionBy(f"{folder}/good", key="day", include_key=False), mkdir=True)
    bad.write_parquet(f"{folder}/bad.parquet")
    report(folder, good.height, bad.height, {rule: len(rows) for rule, rows in broken.items()})


def _broken(frame: pl.DataFrame) -> dict[str, set[int]]:
    """Rule → the rows that break it."""
    context = gx.get_context(mode="ephemeral")
    source = context.data_sources.add_pandas("readings").add_dataframe_asset("readings")
    batch = source.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": frame.to_pandas()})
    found: dict[str, set[int]] = defaultdict(set)
    for rule, rules in expectations().items():
        for expectation in rules:
            result = batch.validate(expectation, result_format={"result_format": "COMPLETE"})
            found[rule].update(result.result["unexpected_index_list"])
    return found


def _reasons(broken: dict[str, set[int]]) -> pl.DataFrame:
    parts = [
        pl.DataFrame({ROW: sorted(rows)}, schema={ROW: pl.UInt32}).with_columns(reasons=pl.lit(rule))
        for rule, rows in broken.items()
    ]
    return pl.concat(parts).group_by(ROW).agg("reasons")


if __name__ == "__main__":
    main(*sys.argv[1:3])
