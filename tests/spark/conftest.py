"""Marts on Spark. These tests run in the client's environment, which alone has pyspark, and report to this run.

So a test module imports ``pyspark`` only inside functions: it is collected here, where that package must not be.
``build/spark/client/bin/python -m pytest tests/spark`` runs them without the detour.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from citylake.infra.spark.spark_environments import Server, is_made, spark_python
from citylake.infra.spark.spark_servers import SHORT_LIVED, started_server, what_is_missing
from tests.elsewhere import Elsewhere

HERE = Path(__file__).parent
ELSEWHERE = pytest.StashKey[Elsewhere]()
IS_CLIENT = importlib.util.find_spec("pyspark") is not None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Outside of the client's environment, the first test waits for all of them: each has its time limit inside."""
    for item in items:
        if not IS_CLIENT and item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.timeout(0))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> bool | None:
    """Outside of the client's environment: report what the tests did inside."""
    if IS_CLIENT or not item.path.is_relative_to(HERE):
        return None
    if not is_made("client"):
        item.add_marker(
            pytest.mark.skip(reason="the environment of Spark's client is not made: make spark-environments")
        )
        return None
    stash = item.session.stash
    if ELSEWHERE not in stash:
        ours = [each for each in item.session.items if each.path.is_relative_to(HERE)]
        stash[ELSEWHERE] = Elsewhere(spark_python("client"), ours)
    item.ihook.pytest_runtest_logstart(nodeid=item.nodeid, location=item.location)
    for report in stash[ELSEWHERE].reports(item):
        item.ihook.pytest_runtest_logreport(report=report)
    item.ihook.pytest_runtest_logfinish(nodeid=item.nodeid, location=item.location)
    return True


TOKEN = "token-of-these-tests"


def _served(server: Server, factory: pytest.TempPathFactory, token: str | None = None) -> Iterator[str]:
    if (why := what_is_missing(server)) is not None:
        pytest.skip(why)
    with started_server(server, factory.mktemp(server), java_options=SHORT_LIVED, token=token) as started:
        yield started.address


@pytest.fixture(scope="session")
def sail(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a Sail server, ``sc://127.0.0.1:PORT``, with a memory pool of 1 GB."""
    yield from _served("sail", tmp_path_factory)


@pytest.fixture(scope="session")
def apache_spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an Apache Spark server that asks for a token, with a heap of 1 GB."""
    yield from _served("apache", tmp_path_factory, TOKEN)
