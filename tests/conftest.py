"""What holds for every test: how tests share the workers, and that nothing is skipped unseen in CI."""

from __future__ import annotations

import os
import shutil
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler.loadscope import LoadScopeScheduling

pytest_plugins = (
    "tests.tiers",
    "tests.loopback",
    "tests.mailbox",
    "tests.postgres",
    "tests.mariadb",
    "tests.mosquitto",
    "tests.object_store",
    "tests.sftp",
    "tests.trial",
    "tests.exchanged",
    "tests.forked.commands",
)


SEAL_KEY_OF_TESTS = "AGE-SECRET-KEY-14C8WP32RWFP6J82A66YGQY3Q57K595CQE5ZMFFC0T36KZEXGYVZQ7FT6SG"

# What tests of syncs and power cuts need, they turn on; all others would wait for the disk a third of their time.
os.environ.setdefault("CITYLAKE_SYNC", "off")
# Tables of tests are small, and workers fill the cores: threads of polars that wait for each other take a third of the
# CPU. A test that is run alone has them.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
# Processes that tests start keep their bytecode, as a user's do: some are measured, and all start sooner.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# Datasets of persons are sealed in every test, by a key that is no secret.
os.environ.setdefault("CITYLAKE_KEY_SEAL", SEAL_KEY_OF_TESTS)
os.environ.setdefault("CITYLAKE_KEY_TOKENS", "dGVzdHM6IHRoaXMga2V5IG9mIHRva2VucyBpcyBubyBzZWNyZXQ")
# Tests of the report site build it themselves.
os.environ.setdefault("CITYLAKE_REPORT", "0")
# The key of tokens: 32 zero bytes, of no lake.
os.environ.setdefault("CITYLAKE_KEY_TOKENS", "A" * 43)
MEMORY_FOLDER, MEMORY_BYTES = Path("/dev/shm"), 8 << 30
# Lakes of tests are small and many: in memory, where there is enough, no test waits for the disk.
if MEMORY_FOLDER.is_dir() and shutil.disk_usage(MEMORY_FOLDER).free > MEMORY_BYTES:
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY_FOLDER))

# In CI everything is there (data, Airflow, every server): only a reason that begins so may skip a test.
MAY_SKIP = ("only on ", "needs Python ")
TOGETHER = {f"tests/{name}/": name for name in ("real", "browser", "airflow", "dags", "spark")}
"""Folders whose tests share what takes long to make: a lake of real data, a server, a whole Airflow or its imports."""


class ByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Tests of one file run in one worker, as do those of folders that share more: fixtures are made once."""

    def _split_scope(self, nodeid: str) -> str:
        shared = [name for folder, name in TOGETHER.items() if nodeid.startswith(folder)]
        return shared[0] if shared else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """``--dist loadgroup`` of xdist 3.8 does nothing with pytest 9.2, and says nothing of it."""
    return ByFile(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _skips_fail(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _skips_fail(report)
    return report


def _skips_fail(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("CI") != "true" or report.outcome != "skipped" or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if not reason.startswith(MAY_SKIP):
        report.outcome = "failed"
        report.longrepr = f"{report.nodeid}: skipped in CI: {reason}"


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository."""
    return Path(__file__).parents[1]
