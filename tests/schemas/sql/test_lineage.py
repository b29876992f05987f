"""From a column of a dataset to the columns of marts that change with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.schemas.read.registry import Registry, load_registry
from citylake.schemas.sql.mart_lineage import MartLineage
from citylake.schemas.sql.select_lineage import trace_select
from tests.declared import DEMO, declare_packs

KNOWN = {"d.one": ["x", "y", "_day"], "d.two": ["x", "y"], "mart.m.small": ["x", "z"]}
OWN = {"small": "mart.m.small"}


def sources(select: str) -> tuple[dict[str, set[str]], set[str]]:
    """Each output column with what it comes from, and what the rows go by, as ``table.column``."""
    found = trace_select(select, KNOWN, OWN)
    assert found.followed
    columns = {name: {".".join(source) for source in of} for name, of in found.columns.items()}
    return columns, {".".join(source) for source in found.rows}


@pytest.mark.parametrize(
    ("select", "columns", "rows"),
    [
        ("SELECT x, y + 1 AS b FROM d.one", {"x": {"d.one.x"}, "b": {"d.one.y"}}, set()),
        ("SELECT one.x FROM d.one WHERE y > 0", {"x": {"d.one.x"}}, {"d.one.y"}),
        ("SELECT d.one.x FROM d.one", {"x": {"d.one.x"}}, set()),
        ("SELECT * FROM (SELECT x, y AS b FROM d.one)", {"x": {"d.one.x"}, "b": {"d.one.y"}}, set()),
        ("SELECT x FROM d.one UNION SELECT y FROM d.two", {"x": {"d.one.x", "d.two.y"}}, set()),
        (
            "WITH a AS (SELECT x, f(y) AS s FROM d.one) SELECT a.x, a.s.member AS m FROM a",
            {"x": {"d.one.x"}, "m": {"d.one.y"}},
            set(),
        ),
        (
            "SELECT a.y, z FROM d.one AS a JOIN small ON a.x = small.x",
            {"y": {"d.one.y"}, "z": {"mart.m.small.z"}},
            {"d.one.x", "mart.m.small.x"},
        ),
        ("SELECT (SELECT max(y) FROM d.two) AS top FROM d.one", {"top": {"d.two.y"}}, set()),
        ("WITH small AS (SELECT x AS z FROM d.one) SELECT z FROM small", {"z": {"d.one.x"}}, set()),
        ("SELECT sum(x) AS s FROM d.one GROUP BY _day", {"s": {"d.one.x"}}, {"d.one._day"}),
    ],
)
def test_every_column_is_followed_down_to_the_tables(select: str, columns: dict[str, set[str]], rows: set[str]) -> None:
    assert sources(select) == (columns, rows)


def test_a_select_that_cannot_be_followed_names_its_tables() -> None:
    found = trace_select("SELECT COLUMNS('x.*') FROM", KNOWN, OWN)
    assert not found.followed
    assert not found.columns


@pytest.fixture(scope="module")
def built_in() -> Registry:
    return load_registry(DEMO)


def names(registry: Registry, dataset: str, *columns: str) -> set[str]:
    return {
        ".".join(part for part in touch if part) for touch in MartLineage(registry).touched(dataset, columns or None)
    }


def test_a_column_is_followed_through_unions_joins_and_functions(built_in: Registry) -> None:
    assert names(built_in, "traffic.detector_flow", "mean_speed_kmh") == {
        "city_day.region_day.mean_speed_kmh",
        "city_pulse.city_by_day.mean_speed_kmh",
        "city_pulse.region_by_day.mean_speed_kmh",
        "road_air_hour.region_hour.mean_speed_kmh",
    }
    assert "city_day.region_day.primary_pollutants" in names(built_in, "environment.air_hourly", "o3_ugm3")
    assert names(built_in, "government.enterprise_registry", "registration_status") == {"city_day.region_day"}
    assert "city_day.region_day.region_code" in names(built_in, "traffic.detector_flow", "region_code")


def test_a_mart_that_reads_what_is_not_declared_is_still_followed(root: Path) -> None:
    chicago = load_registry(root / "workspaces/chicago")
    assert names(chicago, "traffic.segment_speed", "mean_speed_kmh") == {"city_pulse.city_by_day.mean_speed_kmh"}


def test_a_column_that_no_mart_reads_touches_nothing(built_in: Registry) -> None:
    assert names(built_in, "traffic.detector_flow", "lane_no") == set()


def test_a_whole_dataset_touches_whatever_reads_it(built_in: Registry) -> None:
    assert names(built_in, "traffic.bus_positions") == set()
    assert "city_day.region_day.precipitation_24h_mm" in names(built_in, "environment.rain_gauges")


def test_marts_that_read_marts_are_touched_too(tmp_path: Path) -> None:
    mart = (
        "mart: {name}\ntitle: {{zh: 名, en: name}}\naudience: {{zh: 众, en: all}}\ntables:\n  {table}:\n"
        "    title: {{zh: 表, en: table}}\n    grain: [{column}]\n"
        "    columns: {{{column}: {{text: {{zh: 列, en: c}}}}}}\n"
    )
    selects = {
        ("low", "base", "depth"): "SELECT elevation_m AS depth FROM place.hills",
        ("high", "top", "most"): "SELECT max(depth) AS most FROM mart.low.base",
    }
    contract = (
        "dataset: place.hills\ntitle: {zh: 山, en: hills}\nowner: {department: 局}\n"
        "source: {connector: files, path: x, format: csv}\nwrite: {mode: append}\n"
        "fields: {h: {element: place.elevation, as: elevation_m}}\n"
    )
    (declare_packs(tmp_path) / "datasets/place").mkdir(parents=True)
    (tmp_path / "datasets/place/hills.yaml").write_text(contract, encoding="utf-8")
    for (name, table, column), select in selects.items():
        (tmp_path / "marts" / name).mkdir(parents=True)
        declared = mart.format(name=name, table=table, column=column)
        (tmp_path / "marts" / name / "mart.yaml").write_text(declared, encoding="utf-8")
        (tmp_path / "marts" / name / f"{table}.sql").write_text(select, encoding="utf-8")
    registry = load_registry(tmp_path)
    assert names(registry, "place.hills", "elevation_m") == {"low.base.depth", "high.top.most"}
