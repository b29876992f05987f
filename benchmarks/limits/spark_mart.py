"""The mart's SELECT on a bare Spark Connect server over the same files: ``… spark_mart STANDARD_TABLE SQL FOLDER``."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pyarrow.parquet as pq
from pyspark.sql.connect.session import SparkSession


def main(table: str, sql: str, folder: str) -> None:
    """One Parquet file. The benchmark's SELECT is the same in both dialects but for the name of its table."""
    session = SparkSession.builder.remote(os.environ["CITYLAKE_SPARK_REMOTE"]).create()
    session.conf.set("spark.sql.session.timeZone", "Asia/Shanghai")
    session.read.parquet(table).createOrReplaceTempView("readings")
    text = Path(sql).read_text("utf-8").replace("detector.readings", "readings")
    pq.write_table(session.sql(text).toArrow(), f"{folder}/mart.parquet")
    session.stop()


if __name__ == "__main__":
    main(*sys.argv[1:4])
