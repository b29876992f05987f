"""The task of a mart in Airflow needs the client alone, and queues in the pool of the endpoint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.dags.conftest import airflow
from tests.spark.running import RunningCity

__all__ = ["airflow"]


def test_the_task_of_a_mart_builds_it_on_the_endpoint(airflow: Any, sail: str, tmp_path: Path) -> None:
    """In the environment of these tests, which is Airflow's with the client."""
    city = RunningCity.made(tmp_path, "spark")
    assert city.mart()["problems"][0]["code"] == "SPARK_NOT_CONFIGURED", "only the data is there"
    variables = {"CITYLAKE_WORKSPACE": str(city.root), "CITYLAKE_LAKE": city.lake, "CITYLAKE_SPARK_REMOTE": sail}
    (done,) = airflow("run_dag.py", '[{"dag": "mart.air"}]', **variables)
    assert done["state"] == "success"
    assert done["pools"] == {"build": f"spark {sail.removeprefix('sc://')}"}
    assert len(city.published()["station_day"]) == 3
