"""The workspaces' declarations: without a fault, with one mart for all, and open about what is not known."""

from __future__ import annotations

import pytest

from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE
from citylake.schemas.lint import lint_workspace
from citylake.schemas.read.registry import load_registry
from tests.declared import DEMO
from tests.workspaces.conftest import WORKSPACES

FICTIONAL = {DEMO.name, WHITEPAPER_WORKSPACE.name}
CITIES = sorted(path.name for path in WORKSPACES.iterdir() if path.is_dir() and path.name not in FICTIONAL)


def test_there_are_two_cities() -> None:
    assert CITIES == ["chicago", "singapore"]


@pytest.mark.parametrize("city", [*CITIES, WHITEPAPER_WORKSPACE.name])
def test_a_workspace_lints_clean(city: str) -> None:
    assert lint_workspace(WORKSPACES / city) == []


@pytest.mark.parametrize("city", CITIES)
def test_the_mart_is_that_of_the_demonstration_city(city: str) -> None:
    ours, theirs = load_registry(WORKSPACES / city), load_registry(DEMO)
    assert ours.marts == {"city_pulse": theirs.marts["city_pulse"]}
    assert ours.places["mart", "city_pulse"] == theirs.places["mart", "city_pulse"]


@pytest.mark.parametrize("city", CITIES)
def test_elements_are_those_of_every_city(city: str) -> None:
    assert load_registry(WORKSPACES / city).elements.keys() == load_registry(DEMO).elements.keys()


@pytest.mark.parametrize("city", CITIES)
def test_entities_of_the_demonstration_city_are_not_taken(city: str) -> None:
    """They name its datasets and columns, which are others here."""
    assert load_registry(DEMO).entities
    assert load_registry(WORKSPACES / city).entities == {}


@pytest.mark.parametrize("city", CITIES)
def test_no_contract_needs_a_key(city: str) -> None:
    sources = [contract.source for contract in load_registry(WORKSPACES / city).contracts.values()]
    assert [source for source in sources if getattr(source, "connection", None)] == []


def test_the_page_names_every_dataset_and_says_that_nothing_was_run_live() -> None:
    page = (WORKSPACES / "README.md").read_text("utf-8")
    assert "**not yet run live**" in page
    names = [name for city in CITIES for name in load_registry(WORKSPACES / city).contracts]
    assert [name for name in names if f"`{name}`" not in page] == []


def test_every_city_has_what_the_mart_reads_under_the_same_names() -> None:
    optional = load_registry(DEMO).marts["city_pulse"].optional
    read = {city: set(load_registry(WORKSPACES / city).contracts) & optional.keys() for city in (*CITIES, "demo")}
    assert all(len(found) >= 3 for found in read.values()), read
    assert set().union(*read.values()) == optional.keys()
