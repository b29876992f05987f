"""The rules as plain polars expressions, for peers that move data and leave validation to their user."""

from __future__ import annotations

import polars as pl

from benchmarks.generate import layout
from benchmarks.peers.frame import operator_right

RANGES = {
    "lane_range": ("lane", layout.LANE),
    "flow_range": ("flow", layout.FLOW),
    "speed_range": ("speed", layout.SPEED_KMH),
    "occupancy_range": ("occupancy", layout.OCCUPANCY_PCT),
}


def broken() -> dict[str, pl.Expr]:
    """Rule → expression that is true if a row breaks it; without the key."""
    ranges = {rule: ~pl.col(name).is_between(*bounds) for rule, (name, bounds) in RANGES.items()}
    return {
        "time": pl.col("observed_at").is_null(),
        "device": pl.col("device").is_null(),
        "flow": pl.col("flow").is_null(),
        **ranges,
        "region": ~pl.col("region").is_in(layout.REGIONS),
        "vehicle": pl.col("vehicle").is_null(),
        "device_pattern": ~pl.col("device").str.contains(layout.DEVICE_PATTERN),
        "operator": ~operator_right(),
        "box": ~pl.all_horizontal(pl.col(name).is_between(*bounds) for name, bounds in layout.BOX.items()),
    }
