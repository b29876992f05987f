"""Opens a mart and a standard table again and again, until a file says stop: does each version belong together?

In every delivery all values are the same number, so that rows of two versions would show two numbers.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import polars as pl

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.read.mart_reader import query_mart

MART_QUERY = "SELECT DISTINCT pm25_ugm3, (SELECT count(*) FROM station_day) AS station_days FROM station_day"


def read_again(lake: Path, begun: Path, stop: Path) -> dict[str, object]:
    """Return how often each was read, and every version that was seen, as (value, rows) pairs.

    ``begun``: a file that is made after the first round.
    """
    marts: list[list[tuple[float, int]]] = []
    tables: list[list[tuple[float, int]]] = []
    while not stop.exists():
        marts.append([(float(value), rows) for value, rows in query_mart(Lake(str(lake)), "air", MART_QUERY)[1]])
        rows = pl.read_delta(str(lake / "standard/air.hourly"))
        tables.append([(float(value), rows.height) for value in rows["pm25_ugm3"].unique()])
        begun.touch()
    seen = {"marts": sorted(set(map(tuple, marts))), "tables": sorted(set(map(tuple, tables)))}
    return {"mart_rounds": len(marts), "table_rounds": len(tables), **seen}


if __name__ == "__main__":
    print(json.dumps(read_again(*map(Path, sys.argv[1:]))))
