"""``make airflow``: one command, the first runs visible, and no process left after Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from citylake.infra.airflow.airflow_api import AirflowApi
from citylake.infra.airflow.child_process import Process, wait_for
from citylake.infra.airflow.native_services import REPOSITORY_ROOT
from citylake.schemas.read.registry import load_registry
from tests.airflow.api import poll
from tests.airflow.city import DAYS
from tests.airflow.cluster import QUICK
from tests.airflow.kill import children, title, tree
from tests.declared import DEMO

RUN = (
    ()
    if DAYS >= 14
    else ("environment.air_stations", "environment.air_hourly", "environment.rain_gauges", "traffic.detector_flow")
)
"""The datasets that run at the start, by `--run`; none of them named runs all, as in `make test-airflow`."""


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Airflow on a laptop, once it reports that it is ready."""
    pytest.importorskip("airflow", reason="airflow is not installed")
    home = tmp_path_factory.mktemp("laptop")
    words = ["-m", "citylake.infra.airflow", "--home", str(home / "airflow"), "--port", "0"]
    words += [word for dataset in RUN for word in ("--run", dataset)]
    environment = {**os.environ, **QUICK, "PYTHONPATH": str(REPOSITORY_ROOT)}
    started = Process("laptop", [sys.executable, *words], environment, home / "said")
    try:
        wait_for(lambda: "Airflow is ready" in started.tail(), [started], 660)
        yield started
    finally:
        started.kill()


@pytest.fixture(scope="module")
def api(laptop: Process) -> Any:
    """Logged in with the printed address and password."""
    said = laptop.tail()
    url, name, password = (re.search(words, said) for words in (r"ready: (\S+)", r"user (\S+)", r"password (\S+)"))
    assert url
    assert name
    assert password
    session = AirflowApi(url[1], name[1], password[1])
    yield session
    session.close()


def test_it_says_where_it_is_in_both_languages(laptop: Process) -> None:
    assert "Airflow 已就绪" in laptop.tail()


def test_the_datasets_run_once_at_the_start(api: AirflowApi) -> None:
    dags = [f"dataset.{dataset}" for dataset in RUN or load_registry(DEMO).contracts]
    states = poll("first runs", lambda: _ended(api, dags), 900, lambda: str({dag: api.runs(dag) for dag in dags}))
    assert states == dict.fromkeys(dags, "success")


def _ended(api: AirflowApi, dags: list[str]) -> dict[str, Any] | None:
    """The state of the first run of each, when all have ended."""
    first = {dag: runs[0]["state"] for dag in dags if (runs := api.runs(dag))}
    return first if len(first) == len(dags) and set(first.values()) <= {"success", "failed"} else None


def test_no_dataset_runs_that_is_not_named(api: AirflowApi) -> None:
    others = [dataset for dataset in load_registry(DEMO).contracts if RUN and dataset not in RUN]
    assert [dataset for dataset in others if api.runs(f"dataset.{dataset}")] == []


def test_tasks_are_forked_from_workers_that_have_imported_what_tasks_need(laptop: Process) -> None:
    workers = [pid for pid in tree(laptop.pid) if "LocalExecutor" in title(pid)]
    assert workers
    assert all("polars_runtime" in Path(f"/proc/{pid}/maps").read_text() for pid in workers)


def test_a_mart_is_published_from_it(api: AirflowApi, laptop: Process) -> None:
    published = laptop.log.parent / "airflow/lake/marts/road_air_hour/current.json"
    poll("the mart", lambda: True if published.exists() else None, 600, lambda: str(api.runs("mart.road_air_hour")))


def test_a_component_that_is_killed_is_started_again(api: AirflowApi, laptop: Process) -> None:
    (triggerer,) = (pid for pid in children(laptop.pid) if title(pid).endswith("airflow\0triggerer\0"))
    os.kill(triggerer, signal.SIGKILL)
    poll(
        "its report", lambda: True if "component triggerer ended by itself" in laptop.tail() else None, 60, laptop.tail
    )


def test_ctrl_c_ends_all_of_it(api: AirflowApi, laptop: Process) -> None:
    began = [pid for pid in tree(laptop.pid) if title(pid)]
    assert len(began) > 5
    laptop.ask(signal.SIGINT)
    poll("the end", lambda: True if laptop.code is not None else None, 90, laptop.tail)
    assert laptop.code == 0, laptop.tail()
    poll("its children", lambda: None if any(map(_alive, began)) else True, 30)


def _alive(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists() and title(pid) != ""
