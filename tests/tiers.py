"""A pytest plugin: every test gets the marker of exactly one tier, by its folder or by the fixtures that it uses.

``pytest -m quick`` does not even import the folders of other tiers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fnmatch import fnmatch
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
FOLDERS = {
    "airflow": "airflow",
    "dags": "airflow",
    "infra/airflow": "airflow",
    "browser": "browser",
    "cases": "slow",
    "faults": "crashes",
    "forked": "slow",
    "fuzz": "slow",
    "infra/bundle": "slow",
    "infra/city/test_whitepaper.py": "slow",
    "infra/docs": "docs",
    "test_analysts_guide.py": "docs",
    "test_api.py": "docs",
    "test_exchange_guide.py": "docs",
    "test_extend.py": "docs",
    "test_guide.py": "docs",
    "test_import_names.py": "docs",
    "test_marts_guide.py": "docs",
    "test_onboard_guide.py": "docs",
    "test_pages.py": "docs",
    "test_production.py": "docs",
    "test_quality_guide.py": "docs",
    "test_repository.py": "docs",
    "test_scale.py": "docs",
    "test_security_page.py": "docs",
    "test_wheel.py": "docs",
    "real": "real",
    "spark": "spark",
    "workspaces": "slow",
    "benchmarks": "slow",
    "infra/city": "slow",
}
"""Tier by folder or file below ``tests``; all tests of a folder take it, whatever their fixtures are."""
SERVER_FIXTURES = frozenset({"postgres_server", "mariadb_server", "mosquitto", "s3_url", "sftp"})
"""Fixtures that start a server, each in a process or a thread of its own."""
SERVER_FILES = frozenset({"pipelines/lake/test_places.py", "pipelines/lake/test_object_store.py"})
"""Files whose tests start a server themselves."""
SLOW_PATTERNS = (
    "pipelines/acts/*",
    "pipelines/cli/*",
    "pipelines/commit/*",
    "pipelines/conform/drift/*",
    "pipelines/conform/test_blocks.py",
    "pipelines/entities/*",
    "pipelines/exchange/*",
    "pipelines/flow/*",
    "pipelines/history/*",
    "pipelines/lake/test_older_lakes.py",
    "pipelines/lineage/test_emit.py",
    "pipelines/marts/make/test_waiting.py",
    "pipelines/marts/publish/*",
    "pipelines/notify/*",
    "pipelines/pull/connectors/*",
    "pipelines/serve/*",
    "pipelines/pull/test_*memory*",
    "pipelines/pull/test_web_deadline.py",
    "pipelines/serve/*",
    "pipelines/site/report/*",
    "pipelines/trial/*",
    "pipelines/upkeep/*",
    "quality/expectations/*",
    "quality/sensors/*",
    "schemas/content/test_registry_is_light.py",
    "test_import_names.py",
)
"""Unit tests that do not fit into the minute of ``quick``: whole runs, processes, many cases."""
BUDGETS = {
    ("quick", "slow", "servers", "real"): 15,
    ("airflow",): 8,
    ("browser",): 4,
    ("crashes",): 4,
    ("docs",): 3,
    ("spark",): 6,
}
"""Minutes of two quiet workers that tiers may take in CI."""
TIERS = ("quick", "slow", "servers", "real", "crashes", "airflow", "browser", "docs", "spark")


def tier_of(path: str, fixtures: Collection[str] = ()) -> str:
    """The tier of a test in the file ``path`` (relative to ``tests``) that uses ``fixtures``."""
    if found := _folder_tier(path):
        return found
    if path in SERVER_FILES or not SERVER_FIXTURES.isdisjoint(fixtures):
        return "servers"
    return "slow" if _is_slow(path) else "quick"


def pytest_itemcollected(item: pytest.Item) -> None:
    """Mark the test."""
    path = item.path.relative_to(TESTS).as_posix() if item.path.is_relative_to(TESTS) else item.path.name
    item.add_marker(tier_of(path, getattr(item, "fixturenames", ())))


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With ``-m quick``, skip what cannot hold such a test: importing it would take most of the minute."""
    if config.getoption("markexpr") != "quick" or not collection_path.is_relative_to(TESTS):
        return None
    path = collection_path.relative_to(TESTS).as_posix()
    never = _folder_tier(path) or path in SERVER_FILES or _is_slow(path)
    return True if never else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print how long the tests of each tier took beside its budget, where all of them ran."""
    reports = [each for found in terminalreporter.stats.values() for each in found if hasattr(each, "duration")]
    spent = spent_minutes(reports)
    if terminalreporter.config.getoption("markexpr") or not all(spent.values()):
        return
    terminalreporter.section("minutes of one worker by tier")
    for tiers, minutes in spent.items():
        terminalreporter.line(f"{' + '.join(tiers)}: {minutes:.1f} of {2 * BUDGETS[tiers]}")


def spent_minutes(reports: Iterable[pytest.TestReport]) -> dict[tuple[str, ...], float]:
    """Minutes that tests took, set-up and tear-down included, by the tiers that share a budget."""
    spent = dict.fromkeys(BUDGETS, 0.0)
    for report in reports:
        for tiers in BUDGETS:
            if not report.keywords.keys().isdisjoint(tiers):
                spent[tiers] += report.duration / 60
    return spent


def _folder_tier(path: str) -> str | None:
    return next((tier for folder, tier in FOLDERS.items() if _below(path, (folder,))), None)


def _is_slow(path: str) -> bool:
    return any(fnmatch(path, pattern) for pattern in SLOW_PATTERNS)


def _below(path: str, folders: Collection[str]) -> bool:
    return any(path == folder or path.startswith(f"{folder}/") for folder in folders)
