"""The rules as SQL conditions for both DuckDB and Spark: true if a row breaks the rule."""

from __future__ import annotations

from benchmarks.generate import layout
from benchmarks.peers.credit_code import wrong_sql
from benchmarks.peers.outcome import KEY_COLUMNS


def outside(name: str, bounds: tuple[float, float]) -> str:
    """A value that is not null and out of bounds."""
    return f"NOT {name} BETWEEN {bounds[0]} AND {bounds[1]}"


def listed(values: tuple[str, ...]) -> str:
    """Values as SQL literals."""
    return "(" + ", ".join(f"'{value}'" for value in values) + ")"


def conditions(matches: str) -> dict[str, str]:
    """Rule → condition over typed columns, without the key; ``matches`` is the engine's regular-expression function."""
    return {
        "time": "observed_at IS NULL",
        "device": "device IS NULL",
        "flow": "flow IS NULL",
        "lane_range": outside("lane", layout.LANE),
        "flow_range": outside("flow", layout.FLOW),
        "speed_range": outside("speed", layout.SPEED_KMH),
        "occupancy_range": outside("occupancy", layout.OCCUPANCY_PCT),
        "region": f"region NOT IN {listed(layout.REGIONS)}",
        "vehicle": "vehicle IS NULL",
        "device_pattern": f"NOT {matches}(device, '{layout.DEVICE_PATTERN}')",
        "operator": wrong_sql("operator"),
        "box": " OR ".join(outside(name, bounds) for name, bounds in layout.BOX.items()),
    }


def vehicle() -> str:
    """The label as a code; null if it has none."""
    return (
        "CASE vehicle " + " ".join(f"WHEN '{label}' THEN '{code}'" for label, code in layout.VEHICLES.items()) + " END"
    )


def again() -> str:
    """The number of the row among those with its key, from 1, by row number."""
    return f"row_number() OVER (PARTITION BY {', '.join(KEY_COLUMNS)} ORDER BY row_no)"
