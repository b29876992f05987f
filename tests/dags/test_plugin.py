"""What citylake adds to Airflow's own pages, as Airflow finds it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dags.test_parse import HEAVY


@pytest.fixture(scope="module")
def plugin(airflow: Any) -> Any:
    return airflow.alone("show_plugin.py")


def test_airflow_finds_the_plugin_without_any_configuration(plugin: Any) -> None:
    assert "citylake.dags.plugin.entry:CityLakePlugin" in plugin["source"]
    assert plugin["errors"] == {}
    assert plugin["apps"] == [{"name": "City lake", "url_prefix": "/citylake"}]


def test_an_entry_stands_in_the_navigation_and_a_tab_on_every_dag_and_run(plugin: Any) -> None:
    views = {view["destination"]: view for view in plugin["views"]}
    assert set(views) == {"nav", "dag", "dag_run"}
    assert len({view["url_route"] for view in plugin["views"]}) == 3
    # Relative: Airflow may be served below a path.
    assert all(view["href"].startswith("citylake/") for view in plugin["views"])
    assert {"{DAG_ID}", "{RUN_ID}"} <= {part for part in ("{DAG_ID}", "{RUN_ID}") if part in views["dag_run"]["href"]}


def test_the_plugin_costs_the_parts_of_airflow_that_serve_no_page_nothing(plugin: Any) -> None:
    assert HEAVY & set(plugin["imported"]) == set()
    assert plugin["pages"] == []
