"""Check a lake against planted faults: ``python -m benchmarks.verify LAKE TRUTH.json …``; exit code 1 if not equal."""

from __future__ import annotations

import argparse
import json
import math
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from citylake.pipelines.lake.lake_zones import Lake

COLUMNS = {
    "flow": "flow_veh",
    "speed": "mean_speed_kmh",
    "longitude": "longitude_deg",
    "latitude": "latitude_deg",
}
FAULTS = {
    "time_missing": ("REQUIRED_MISSING", "observed_at"),
    "time_unreadable": ("TIME_UNREADABLE", "observed_at"),
    "device_missing": ("REQUIRED_MISSING", "device_code"),
    "device_pattern": ("PATTERN_MISMATCH", "device_code"),
    "region_unknown": ("CODE_UNKNOWN", "region_code"),
    "lane_range": ("VALUE_OUT_OF_RANGE", "lane_no"),
    "flow_missing": ("REQUIRED_MISSING", "flow_veh"),
    "flow_range": ("VALUE_OUT_OF_RANGE", "flow_veh"),
    "speed_range": ("VALUE_OUT_OF_RANGE", "mean_speed_kmh"),
    "occupancy_range": ("VALUE_OUT_OF_RANGE", "occupancy_pct"),
    "vehicle_unknown": ("CODE_UNKNOWN", "vehicle_class"),
    "outside_box": ("OUTSIDE_BOX", None),
    "operator_check": ("CHECK_DIGIT_WRONG", "operator_code"),
    "key_repeated": ("KEY_DUPLICATE", None),
}
"""Planted fault → the issue and the column that citylake reports; None: the issue alone."""
NEAR_DEG = 2e-6
"""GCJ-02 positions have six decimals, which limits the accuracy of the inverse."""


def scan(table: Path | str) -> pl.LazyFrame:
    """The rows of a table in a folder, or on an object store that the usual variables name."""
    return pl.scan_delta(str(table), storage_options=Lake(str(table)).storage_options)


def standard(table: Path | str) -> dict[str, Any]:
    """The content of a standard table in the structure of the truth."""
    good = scan(table)
    sums = good.select(pl.len(), **{key: pl.col(column).sum() for key, column in COLUMNS.items()})
    told = sums.collect(engine="streaming").row(0, named=True)
    days = good.group_by(pl.col("_day").cast(pl.String)).len().collect(engine="streaming")
    return {"standard": told.pop("len"), "sums": told, "days": dict(days.iter_rows())}


def quarantine(table: Path | str) -> dict[str, Any]:
    """The content of a quarantine in the structure of the truth: the rows that are refused now."""
    bad = scan(table).filter(pl.col("state") == "open")
    return {"quarantined": bad.select(pl.len()).collect().item(), "faults": _faults(bad)}


def _faults(bad: pl.LazyFrame) -> dict[str, int]:
    reasons = bad.select("_receipt", "_part", "_row", "reasons").explode("reasons", empty_as_null=True)
    named = reasons.select("_receipt", "_part", "_row", pl.col("reasons").struct.unnest()).unique(
        ["_receipt", "_part", "_row", "code", "field"]
    )
    counted = named.group_by("code", "field").len().collect(engine="streaming")
    by_both = {(code, field): rows for code, field, rows in counted.iter_rows()}
    return {
        fault: by_both.get((code, field), 0)
        if field
        else sum(rows for (other, _), rows in by_both.items() if other == code)
        for fault, (code, field) in FAULTS.items()
    }


def differences(truth: Mapping[str, Any], seen: Mapping[str, Any]) -> list[str]:
    """Describe the differences between the lake and the truth."""
    said = [
        f"{name}: planted {truth[name]}, found {seen[name]}"
        for name in ("standard", "quarantined", "faults", "days")
        if name in seen and truth[name] != seen[name]
    ]
    rows = max(truth["standard"], 1)
    for name, value in truth["sums"].items():
        near = NEAR_DEG * rows if name in ("longitude", "latitude") else 0.0
        if not math.isclose(value, seen["sums"][name], rel_tol=1e-9, abs_tol=near):
            said.append(f"sum of {name}: planted {value}, found {seen['sums'][name]}")
    return said


def added(truths: list[Mapping[str, Any]]) -> dict[str, Any]:
    """Merge the truths of several files."""
    whole: dict[str, Any] = {}
    for truth in truths:
        for name, value in truth.items():
            if isinstance(value, dict) and name != "plan":
                mine = whole.setdefault(name, {})
                whole[name] = mine | {key: mine.get(key, 0) + number for key, number in value.items()}
            elif isinstance(value, int):
                whole[name] = whole.get(name, 0) + value
    return whole


def _rows(table: str, planted: int) -> list[str]:
    seen = scan(table).select(pl.len()).collect().item()
    return [] if seen == planted else [f"planted {planted} rows, found {seen}"]


def main() -> None:
    """Compare and report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verify", description=__doc__)
    parser.add_argument("lake")
    parser.add_argument("truth", type=Path, nargs="+")
    parser.add_argument("--dataset", default="detector.readings")
    parser.add_argument("--rows-only", action="store_true", help="count the standard rows and nothing else")
    asked = parser.parse_args()
    truth = added([json.loads(path.read_text()) for path in asked.truth])
    if asked.rows_only:
        said = _rows(f"{asked.lake}/standard/{asked.dataset}", truth["standard"])
    else:
        table, refused = (f"{asked.lake}/{zone}/{asked.dataset}" for zone in ("standard", "quarantine"))
        said = differences(truth, standard(table) | quarantine(refused))
    print("\n".join(said) or "every planted fault was found, and nothing else")
    sys.exit(bool(said))


if __name__ == "__main__":
    main()
