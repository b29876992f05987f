"""The topology: the running services are those that compose declares."""

from __future__ import annotations

import pytest

from tests.airflow.cluster import AIRFLOW, WORKERS, Cluster

SERVICES = (*(name for name in AIRFLOW if name != "worker"), *WORKERS)


def test_every_service_of_airflow_runs_and_there_are_two_workers(airflow_cluster: Cluster) -> None:
    assert set(airflow_cluster.native.running) >= set(SERVICES)
    assert [airflow_cluster.native.running[name].code for name in SERVICES] == [None] * len(SERVICES)


@pytest.mark.parametrize("name", SERVICES)
def test_its_own_health_check_finds_a_service_healthy(airflow_cluster: Cluster, name: str) -> None:
    airflow_cluster.native.wait(name)


def test_a_service_that_is_not_there_is_not_healthy(airflow_cluster: Cluster) -> None:
    native = airflow_cluster.native
    native.stop(["triggerer"])
    try:
        assert not native.healthy("triggerer")
    finally:
        native.start_one("triggerer")


def test_every_dag_is_known_and_none_has_an_error(airflow_cluster: Cluster) -> None:
    api = airflow_cluster.api
    assert list(api.all("importErrors", "import_errors")) == []
    assert {dag["dag_id"].partition(".")[0] for dag in api.all("dags", "dags")} >= {"dataset", "mart"}
