"""A lake on an object store: the endpoint reads the store itself, and where it cannot, the mart is held."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from citylake.infra.spark.spark_servers import started_server, what_is_missing
from citylake.pipelines.marts.spark.engine_choice import REMOTE
from tests.object_store import BUCKET
from tests.spark.running import RunningCity

AT_SAIL = {"AWS_ALLOW_HTTP": "true", "AWS_REGION": "us-east-1"}
"""What Sail asks for, beside the address and the keys of the store; citylake itself needs neither."""


@pytest.fixture(scope="module")
def sail_with_store(store: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server with the variables of the store."""
    if (why := what_is_missing("sail")) is not None:
        pytest.skip(why)
    with pytest.MonkeyPatch.context() as environment:
        for name, value in AT_SAIL.items():
            environment.setenv(name, value)
        with started_server("sail", tmp_path_factory.mktemp("sail")) as server:
            yield server.address


def test_a_mart_on_a_store_has_the_rows_of_duckdb(
    sail_with_store: str, sail: str, apache_spark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that does not know the store holds the mart, and says what it lacks."""
    city = RunningCity.made(tmp_path, "spark", lake=f"{BUCKET}/lake")
    monkeypatch.setenv(REMOTE, sail)
    told = city.mart()
    assert _held(told) == "SPARK_FILES_UNREAD"
    assert "AWS_ENDPOINT_URL" in told["problems"][0]["text"]["en"]
    monkeypatch.setenv(REMOTE, apache_spark)
    told = city.mart("--mart", "air")
    assert _held(told) == "SPARK_FILES_UNREAD"
    assert "hadoop-aws" in told["problems"][0]["text"]["en"]
    monkeypatch.setenv(REMOTE, sail_with_store)
    told = city.mart("--mart", "air")
    assert told["status"] == "published", str(told["problems"])
    rows = city.published()
    city.declare("duckdb", sized="duckdb")
    assert city.mart("--mart", "air")["days"]["station_day"] is None, "another engine makes the table anew"
    assert city.published() == rows
    assert len(rows["station_day"]) == 3


def _held(told: dict[str, object]) -> object:
    problems = told["problems"]
    assert isinstance(problems, list)
    return problems[0]["code"] if told["status"] == "failed" else None
