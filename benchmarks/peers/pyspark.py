"""PySpark on this machine: ``python -m benchmarks.peers.pyspark FILE FOLDER``."""

from __future__ import annotations

import os
import sys

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as f

from benchmarks.generate.layout import COLUMNS, DECIMALS, INTEGERS
from benchmarks.peers.credit_code import wrong_sql
from benchmarks.peers.outcome import KEY, report
from benchmarks.peers.rules_sql import again, conditions, vehicle


def session() -> SparkSession:
    """As many threads as cores, and memory for ten million rows."""
    settings = {
        "spark.driver.memory": "4g",
        "spark.ui.enabled": "false",
        "spark.sql.session.timeZone": "Asia/Shanghai",
        "spark.sql.ansi.enabled": "false",
        "spark.sql.shuffle.partitions": str(2 * (os.cpu_count() or 1)),
    }
    builder = SparkSession.builder.master("local[*]")
    for name, value in settings.items():
        builder = builder.config(name, value)
    found: SparkSession = builder.getOrCreate()
    found.sparkContext.setLogLevel("ERROR")
    return found


def typed(spark: SparkSession, source: str) -> DataFrame:
    """Typed columns; the session's time zone is local, so local texts become instants."""
    types = dict.fromkeys(INTEGERS, "INT") | dict.fromkeys(DECIMALS, "DOUBLE")
    schema = ", ".join(f"`{name}` {types.get(name, 'STRING')}" for name in COLUMNS.values())
    rows = spark.read.csv(source, schema=schema, header=True, quote='"', escape='"', enforceSchema=True)
    return rows.withColumn("row_no", f.monotonically_increasing_id()).selectExpr(
        "* EXCEPT (time, unit, speed, vehicle)",
        "try_to_timestamp(time, 'yyyy-MM-dd HH:mm:ss') AS observed_at",
        "to_date(try_to_timestamp(time, 'yyyy-MM-dd HH:mm:ss')) AS day",
        "CASE WHEN unit = 'm/s' THEN speed * 3.6 ELSE speed END AS speed",
        f"{vehicle()} AS vehicle",
    )


def main(source: str, folder: str) -> None:
    """Evaluate the rules, write both sides, count."""
    spark = session()
    rows = typed(spark, source)
    rules = {**conditions("rlike"), "operator": "operator_wrong", KEY: f"{again()} > 1"}
    reasons = ", ".join(f"CASE WHEN {condition} THEN '{rule}' END" for rule, condition in rules.items())
    codes = rows.select("operator").distinct().selectExpr("operator", f"{wrong_sql('operator')} AS operator_wrong")
    known = rows.join(f.broadcast(codes), "operator", "left")
    judged = known.selectExpr("*", f"array_compact(array({reasons})) AS reasons")
    told = judged.drop("row_no", "operator_wrong").cache()
    good, bad = told.filter("size(reasons) = 0").drop("reasons"), told.filter("size(reasons) > 0")
    good.write.parquet(f"{folder}/good", partitionBy="day", compression="zstd")
    bad.write.parquet(f"{folder}/bad", compression="zstd")
    broken = bad.select(f.explode("reasons").alias("rule")).groupBy("rule").count().collect()
    report(folder, good.count(), bad.count(), {row["rule"]: row["count"] for row in broken})
    spark.stop()


if __name__ == "__main__":
    main(*sys.argv[1:3])
