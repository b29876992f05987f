"""One cluster for all tests of this folder: PostgreSQL, Redis, S3, and every service of Airflow with two workers."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.airflow.cluster import Cluster, cluster
from tests.postgres import Postgres

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """They share the cluster, so one worker runs them all."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("airflow"))


@pytest.fixture(scope="session")
def airflow_cluster(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Started once, empty of data."""
    if importlib.util.find_spec("airflow") is None:
        pytest.skip("airflow is not installed")
    with cluster(tmp_path_factory.mktemp("cluster"), postgres_server) as running:
        yield running
