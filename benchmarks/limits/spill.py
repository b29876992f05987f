"""A SELECT that must sort all rows, in DuckDB or on a Spark Connect server; the three dialects agree on its text.

``… spill TABLE FOLDER RESULT MEMORY`` runs it in DuckDB, ``… spill TABLE FOLDER RESULT`` on ``CITYLAKE_SPARK_REMOTE``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

SELECT = """
SELECT region_code, count(*) AS readings, sum(abs(step)) AS steps
FROM (
    SELECT region_code, flow_veh - lag(flow_veh) OVER (PARTITION BY device_code, lane_no ORDER BY observed_at) AS step
    FROM readings
)
GROUP BY region_code ORDER BY region_code
"""


def main(table: str, folder: str, result: str, memory: str = "") -> None:
    """Write the rows, and the most bytes of temporary files if DuckDB makes them, as JSON."""
    rows, temporary = _in_duckdb(table, folder, memory) if memory else (_on_spark(table), None)
    plain = [[row[0], int(row[1]), int(row[2] or 0)] for row in rows]
    Path(result).write_text(json.dumps({"rows": plain, "temporary": temporary}))


def _in_duckdb(table: str, folder: str, memory: str) -> tuple[Sequence[Sequence[Any]], int]:
    import duckdb

    from benchmarks.measure.folder_peak import folder_peak

    files = f"read_parquet('{table}/*/*.parquet', hive_partitioning = true, hive_types = {{'_day': DATE}})"
    config: dict[str, Any] = {
        "memory_limit": memory,
        "temp_directory": f"{folder}/temporary",
        "preserve_insertion_order": False,
    }
    with duckdb.connect(config=config) as engine, folder_peak(Path(folder, "temporary")) as peak:
        engine.execute(f"CREATE VIEW readings AS FROM {files}")
        rows = engine.execute(SELECT).fetchall()
    return rows, peak.bytes


def _on_spark(table: str) -> Sequence[Sequence[Any]]:
    from pyspark.sql.connect.session import SparkSession

    session = SparkSession.builder.remote(os.environ["CITYLAKE_SPARK_REMOTE"]).create()
    if partitions := os.environ.get("BENCH_PARTITIONS"):
        session.conf.set("spark.sql.shuffle.partitions", partitions)
    session.read.parquet(table).createOrReplaceTempView("readings")
    rows: Sequence[Sequence[Any]] = session.sql(SELECT).collect()
    session.stop()
    return rows


if __name__ == "__main__":
    main(*sys.argv[1:])
