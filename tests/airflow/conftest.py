"""One cluster for all tests of this folder: PostgreSQL, Redis, S3, and every service of Airflow with two workers."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from citylake.pipelines.lake.lake_zones import Lake
from tests.airflow.cluster import Cluster, cluster
from tests.airflow.lake import lake_of, undisturbed
from tests.airflow.story import Story, tell
from tests.postgres import Postgres

HERE = Path(__file__).parent
# The first test waits for the whole cluster: some minutes, and more on a busy machine.
WAIT_S = 2400
STARTED = ExitStack()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The first of them waits for the cluster."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.timeout(WAIT_S))


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Stop the cluster after the last test of the folder: it would work on beside the tests of all others."""
    if nextitem is None or HERE not in nextitem.path.parents:
        STARTED.close()


@pytest.fixture(scope="session")
def airflow_cluster(postgres_server: Postgres, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Started once, without data."""
    for package in ("airflow", "moto", "s3fs"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(f"{package} is not installed")
    yield STARTED.enter_context(cluster(tmp_path_factory.mktemp("cluster"), postgres_server))
    STARTED.close()


@pytest.fixture(scope="session")
def story(airflow_cluster: Cluster) -> Story:
    """Datasets are backfilled at once, while a worker is killed and the scheduler is restarted."""
    return tell(airflow_cluster)


@pytest.fixture(scope="session")
def lake(airflow_cluster: Cluster, story: Story) -> Lake:
    """The cluster's lake after the story."""
    return lake_of(airflow_cluster)


@pytest.fixture(scope="session")
def calm(airflow_cluster: Cluster, story: Story, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A lake of the same files, filled by one process without any disturbance."""
    root = tmp_path_factory.mktemp("calm")
    workspace = Path(airflow_cluster.environment["CITYLAKE_WORKSPACE"])
    return undisturbed(workspace, airflow_cluster.sources, root / "lake")
