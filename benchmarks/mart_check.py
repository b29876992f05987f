"""Check the published mart against its SELECT: ``python -m benchmarks.mart_check LAKE STANDARD_TABLE SQL``."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

import duckdb

from benchmarks.limits.mart import main as bare

MEASURES = ("readings", "flow_veh", "mean_speed_kmh", "occupancy_pct")


def main(lake: str, table: str, sql: str) -> None:
    """Compare with the bare query: equal groups, and equal numbers except for rounding by the order of addition."""
    folder = Path(lake, "marts", "traffic")
    published = folder / json.loads((folder / "current.json").read_text())["file"]
    with tempfile.TemporaryDirectory() as scratch, duckdb.connect() as engine:
        bare(table, sql, scratch)
        engine.execute(f"ATTACH '{published}' AS ours (READ_ONLY)")
        engine.execute(f"ATTACH '{scratch}/mart.duckdb' AS theirs (READ_ONLY)")
        near = " OR ".join(f"abs(a.{name} - b.{name}) > 1e-9 * abs(b.{name})" for name in MEASURES)
        differing = engine.execute(f"""
            SELECT count(*) FROM ours.region_hour AS a
            FULL JOIN theirs.region_hour AS b USING (region_code, hour_start)
            WHERE a.readings IS NULL OR b.readings IS NULL OR {near}
        """).fetchone()
    print(f"{differing} groups differ")
    sys.exit(differing != (0,))


if __name__ == "__main__":
    main(*sys.argv[1:4])
