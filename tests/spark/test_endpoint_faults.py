"""A fault of the endpoint holds the mart with a message that says what to do; with a healthy one the mart is built."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.infra.spark.spark_servers import (
    SHORT_LIVED,
    RunningServer,
    lacks_java,
    started_server,
    what_is_missing,
)
from citylake.pipelines.marts.spark.engine_choice import REMOTE
from tests.pipelines.conftest import small_city
from tests.spark.faulty import CHANNEL, DAY, ENDLESS, LONG_LIST, MANY_TEXTS, build, fault, fill, impatient, once_it_runs
from tests.spark.running import RunningCity

__all__ = ["impatient", "small_city"]
pytestmark = pytest.mark.usefixtures("impatient")
LEAST_HEAP_MB = 480
"""Apache Spark does not start with less."""
ENDLESS_DAY = f"""
SELECT a.station_code, a._day AS day, avg(b.pm25_ugm3) AS pm25_ugm3, count(*) AS readings
{ENDLESS[ENDLESS.index("FROM") :]} GROUP BY ALL
"""


@pytest.fixture
def own_sail(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningServer]:
    """A Sail server with little memory, for one test."""
    if (why := what_is_missing("sail")) is not None:
        pytest.skip(why)
    with started_server("sail", tmp_path / "sail", memory_mb=64) as server:
        monkeypatch.setenv(REMOTE, server.address)
        yield server
        server.process.kill()


def test_one_that_is_lost_for_good_holds_the_mart_and_the_published_version_stays(
    own_sail: RunningServer, sail: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    city = RunningCity.made(tmp_path, "spark")
    assert city.mart()["status"] == "published"
    before = city.published()
    lines = [f"S{station},2026-03-{day:02} 10:00,7" for station in range(200) for day in (3, 4)]
    city.deliver("later", *lines)
    city.declare("spark", station_day=ENDLESS_DAY)
    with once_it_runs(own_sail.process.kill):
        code, told = city.call("run")
    problem = told["marts"][0]["problems"][0]
    assert (code, told["marts"][0]["status"], problem["code"]) == (3, "failed", "SPARK_LOST")
    assert "See the log of the service" in problem["text"]["en"]
    assert city.published() == before
    monkeypatch.setenv(REMOTE, sail)
    city.declare("spark")
    assert city.mart()["status"] == "published"
    assert len(city.published()["station_day"]) == len(before["station_day"]) + 400


def test_one_that_comes_back_gets_the_select_once_more(
    own_sail: RunningServer,
    small_city: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(f"{CHANNEL}.RETRIES", 9)
    fill(small_city)
    (file,) = Path(small_city.lake.standard("air.readings")).glob("*/*.parquet")
    port = int(own_sail.address.rsplit(":", 1)[1])
    with ExitStack() as later:

        def replace() -> None:
            own_sail.process.kill()
            # Over these rows the same SELECT has an end.
            pl.read_parquet(file, hive_partitioning=False).with_columns(
                pm25_ugm3=pl.lit(None, pl.Float64)
            ).write_parquet(file)
            later.enter_context(started_server("sail", tmp_path / "again", port))

        with once_it_runs(replace), caplog.at_level("WARNING"):
            assert build(small_city, ENDLESS) == 0
    assert "It is tried once more" in caplog.text


def test_one_that_hangs_holds_the_mart_until_its_time_limit_and_no_longer(
    own_sail: RunningServer, sail: str, small_city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(small_city)
    with once_it_runs(lambda: os.kill(own_sail.process.pid, signal.SIGSTOP)):
        code, said = fault(small_city, ENDLESS, "6s")
    assert code == "SPARK_TIMED_OUT"
    assert "still answers" in said
    code, said = fault(small_city, timeout="3s")
    assert code == "SPARK_UNREACHABLE", "one that hangs from the start"
    # Another, for the one that hung would first work at the SELECT that nobody could take back.
    monkeypatch.setenv(REMOTE, sail)
    assert build(small_city) == 0


def test_ctrl_c_ends_the_build_and_not_the_mart_alone(own_sail: RunningServer, small_city: Any) -> None:
    fill(small_city)
    with once_it_runs(lambda: signal.raise_signal(signal.SIGINT)), pytest.raises(KeyboardInterrupt):
        build(small_city, ENDLESS)


def test_one_without_memory_holds_the_mart(own_sail: RunningServer, small_city: Any) -> None:
    fill(small_city)
    code, said = fault(small_city, MANY_TEXTS)
    assert code == "SPARK_OUT_OF_MEMORY"
    assert "FAIR__MAX_SIZE" in said
    assert build(small_city) == 0


def test_a_file_that_it_does_not_see_holds_the_mart(
    sail: str, apache_spark: str, small_city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(small_city)
    file = next(Path(small_city.lake.standard("air.readings")).glob(f"_day={DAY}/*.parquet"))
    away = file.rename(file.with_suffix(".away"))
    monkeypatch.setenv(REMOTE, sail)
    code, said = fault(small_city)
    assert code == "SPARK_FILES_UNSEEN"
    assert "sees 0 of the 200 rows of air.readings" in said
    monkeypatch.setenv(REMOTE, apache_spark)
    code, said = fault(small_city)
    assert code == "SPARK_FILES_UNREAD"
    assert "mounted there under the same path" in said
    away.rename(file)
    assert build(small_city) == 0


def test_a_wrong_token_or_tls_where_there_is_none_holds_the_mart_at_once(
    apache_spark: str, sail: str, small_city: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(small_city)
    monkeypatch.setenv(REMOTE, apache_spark.replace("token=", "token=wrong-"))
    code, said = fault(small_city)
    assert code == "SPARK_REFUSED"
    assert "CITYLAKE_SPARK_REMOTE" in said
    assert "wrong-token" not in said
    monkeypatch.setenv(REMOTE, f"{sail}/;use_ssl=true")
    code, said = fault(small_city)
    assert code == "SPARK_UNREACHABLE"
    assert "handshake" in said
    monkeypatch.setenv(REMOTE, apache_spark)
    assert build(small_city) == 0


def test_apache_spark_that_hangs_has_no_memory_or_is_killed_holds_the_mart(
    small_city: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if (why := lacks_java("apache") or what_is_missing("apache")) is not None:
        pytest.skip(why)
    fill(small_city)
    with started_server("apache", tmp_path / "apache", memory_mb=LEAST_HEAP_MB, java_options=SHORT_LIVED) as server:
        monkeypatch.setenv(REMOTE, server.address)
        assert build(small_city) == 0, "its first SELECT takes seconds, of which no other has to wait"
        with once_it_runs(lambda: os.kill(server.process.pid, signal.SIGSTOP)):
            assert fault(small_city, ENDLESS, "10s")[0] == "SPARK_TIMED_OUT"
        os.kill(server.process.pid, signal.SIGCONT)
        code, said = fault(small_city, LONG_LIST)
        assert code in ("SPARK_OUT_OF_MEMORY", "SPARK_LOST"), said
        server.process.kill()
        assert fault(small_city)[0] == "SPARK_UNREACHABLE"
