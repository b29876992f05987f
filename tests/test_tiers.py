"""Every test has one tier, and every tier is known to pytest and to the make targets."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from tests.tiers import (
    BUDGETS,
    FOLDERS,
    SERVER_FILES,
    SERVER_FIXTURES,
    SLOW_PATTERNS,
    TESTS,
    TIERS,
    spent_minutes,
    tier_of,
)

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("path", "fixtures", "tier"),
    [
        ("schemas/model/test_model.py", ("registry",), "quick"),
        ("pipelines/pull/connectors/database/test_parts.py", ("postgres_server", "tmp_path"), "servers"),
        ("pipelines/lake/test_places.py", (), "servers"),
        ("dags/test_parse.py", (), "airflow"),
        ("faults/test_killed.py", ("postgres_server",), "crashes"),
        ("pipelines/cli/test_run_command.py", (), "slow"),
        ("pipelines/pull/connectors/ckan/test_ckan.py", (), "slow"),
        ("infra/docs/test_site.py", (), "docs"),
        ("infrastructure/test_other.py", (), "quick"),
    ],
)
def test_a_test_has_the_tier_of_its_folder_else_of_its_fixtures(
    path: str, fixtures: tuple[str, ...], tier: str
) -> None:
    assert tier_of(path, fixtures) == tier


def test_the_test_itself_is_marked(request: pytest.FixtureRequest) -> None:
    assert [mark.name for mark in request.node.iter_markers() if mark.name in TIERS] == ["quick"]


def test_everything_that_tiers_name_exists() -> None:
    named = {*FOLDERS, *SERVER_FILES}
    assert [name for name in named if not (TESTS / name).exists()] == []
    assert [pattern for pattern in SLOW_PATTERNS if not any(TESTS.glob(pattern))] == []
    assert set(FOLDERS.values()) <= set(TIERS)


def test_every_fixture_that_starts_a_server_is_known() -> None:
    plugins = {path.stem: path.read_text("utf-8") for path in TESTS.glob("*.py")}
    defined = {name for text in plugins.values() for name in re.findall(r"^def (\w+)\(", text, re.MULTILINE)}
    assert defined >= SERVER_FIXTURES


def test_no_test_names_its_tier_itself() -> None:
    pattern = re.compile(r"pytest\.mark\.(?:" + "|".join(TIERS) + r")\b")
    assert [path.name for path in TESTS.rglob("test_*.py") if pattern.search(path.read_text("utf-8"))] == []


def test_every_tier_is_registered_and_explained_to_contributors() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["pytest"]["ini_options"]
    assert tuple(line.partition(":")[0] for line in settings["markers"]) == TIERS
    page = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    assert tuple(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == TIERS


def test_the_minutes_of_a_tier_are_those_of_its_tests() -> None:
    place = ("tests/test_a.py", 0, "test_a")
    reports = [
        pytest.TestReport("a", place, {tier: 1}, "passed", None, "call", duration=seconds)
        for tier, seconds in (("quick", 60), ("servers", 30), ("docs", 120))
    ]
    spent = spent_minutes(reports)
    assert spent[("quick", "slow", "servers", "real")] == 1.5
    assert spent[("docs",)] == 2
    assert {tier for tiers in BUDGETS for tier in tiers} == set(TIERS)
