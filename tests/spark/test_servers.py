"""Both servers answer the client over the same files as DuckDB, and the main environment stays without pyspark."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

from citylake.pipelines.marts.spark.spark_session import end_session

ROWS = 100_000
BY_DEVICE = "SELECT device, count(*) AS n, sum(flow) AS flow, max(day) AS latest FROM {table} GROUP BY device"


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table of 100,000 rows in four files."""
    folder = tmp_path_factory.mktemp("rows")
    frame = pl.DataFrame({"row": range(ROWS)}).select(
        device=pl.format("设备{}", pl.col("row") % 997),
        flow=pl.when(pl.col("row") % 50 == 0).then(None).otherwise(pl.col("row") * 7 % 1_009),
        day=pl.date(2026, 1, 1) + pl.duration(days=pl.col("row") % 365),
    )
    for number, part in enumerate(frame.iter_slices(ROWS // 4)):
        part.write_parquet(folder / f"{number}.parquet")
    return folder


@pytest.mark.parametrize("server", ["sail", "apache_spark"])
def test_a_server_gives_the_rows_of_duckdb(server: str, rows: Path, request: pytest.FixtureRequest) -> None:
    from pyspark.sql.connect.session import SparkSession

    spark = SparkSession.builder.remote(request.getfixturevalue(server)).create()
    try:
        spark.read.parquet(str(rows)).createOrReplaceTempView("counts")
        found = pl.DataFrame(spark.sql(BY_DEVICE.format(table="counts")).toArrow())
    finally:
        end_session(spark)
    wanted = duckdb.connect().sql(BY_DEVICE.format(table=f"read_parquet('{rows}/*.parquet')")).pl()
    assert found.height == 997
    assert found.sort("device").rows() == wanted.sort("device").rows()


def test_a_session_that_has_ended_leaves_the_threads_of_another_alone(sail: str) -> None:
    """The collector may end it a second time in such a thread, which would wait for itself, without end."""
    from pyspark.sql.connect.client.reattach import ExecutePlanResponseReattachableIterator as Answers
    from pyspark.sql.connect.session import SparkSession

    first, second = (SparkSession.builder.remote(sail).create() for _ in range(2))
    end_session(first)
    try:
        second.sql("SELECT 1").toArrow()
        threads = Answers._release_thread_pool_instance
        first.__del__()
        assert threads is not None
        assert Answers._release_thread_pool_instance is threads
    finally:
        end_session(second)


def test_a_session_that_has_ended_makes_no_last_call_at_exit(sail: str) -> None:
    code = (
        "from pyspark.sql.connect.client import SparkConnectClient as C;"
        "from pyspark.sql.connect.session import SparkSession as S;"
        "from citylake.pipelines.marts.spark.spark_session import end_session;"
        "C._cleanup_ml_cache = lambda self: print('a last call');"
        f"session = S.builder.remote({sail!r}).create();"
    )
    said = [
        subprocess.run([sys.executable, "-c", code + last], capture_output=True, text=True, check=True).stdout
        for last in ("", "end_session(session)")
    ]
    assert said == ["a last call\n", ""]


def test_a_client_needs_only_what_its_lock_installs(sail: str, root: Path) -> None:
    """The environment of these tests has all packages of the project: here the others cannot be imported."""
    locked = set(re.findall(r"^([\w.-]+)==", (root / "requirements-spark.lock").read_text(), re.M))
    owners = importlib.metadata.packages_distributions()
    others = [name for name, owned_by in owners.items() if not locked & {_plain(owner) for owner in owned_by}]
    code = (
        f"import sys; sys.modules.update(dict.fromkeys({sorted({*others} - {'citylake'})!r}));"
        "import citylake.pipelines.cli.mart_command;"
        "from pyspark.sql.connect.session import SparkSession as S;"
        f"spark = S.builder.remote({sail!r}).create(); print(spark.sql('SELECT 41 + 1 AS x').toArrow()['x'][0])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=False)
    assert done.stdout.split() == ["42"], done.stderr
    assert {"great_expectations", "airflow"} <= {*others}


def test_the_client_has_the_release_of_apache_spark(root: Path) -> None:
    pins = dict(re.findall(r"^(\S+)==(\S+)", (root / "requirements-spark.lock").read_text(), re.M))
    pins |= dict(re.findall(r"^(\S+)==(\S+)", (root / "requirements-spark-servers.lock").read_text(), re.M))
    assert pins["pyspark"] == pins["pyspark-client"] == importlib.metadata.version("pyspark-client")


def _plain(name: str) -> str:
    return name.lower().replace("_", "-")
