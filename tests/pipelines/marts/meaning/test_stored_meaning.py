"""What a mart's columns mean is read from the published file as it was declared; a finding names its own line."""

from __future__ import annotations

from pathlib import Path

from citylake.pipelines.marts.meaning.declared_facts import facts_of_table
from citylake.pipelines.marts.meaning.stored_meaning import meaning_json, read_meaning
from citylake.schemas.read.registry import load_registry
from tests.pipelines.marts.meaning.conftest import Check

ROOT = Path(__file__).parents[4]
SEVERAL = """SELECT
    station_code,
    avg(no2_ugm3) AS no2,
    sum(pm25_ugm3) AS pm25,
    sum(pm10_ugm3)
        AS pm10
FROM air.hourly
WHERE co_mgm3
    > o3_ugm3
GROUP BY station_code
"""


def test_it_comes_back_as_it_was() -> None:
    registry = load_registry(ROOT / "workspaces/demo")
    for mart in registry.marts.values():
        tables = {name: facts_of_table((name,), mart, registry) for name in mart.tables}
        read = read_meaning(meaning_json(tables))
        assert {name: read((name,)) for name in tables} == tables
        assert read(("elsewhere",)).columns == {}


def test_each_finding_has_its_line(check: Check) -> None:
    found = {(each.code, each.line) for each in check(SEVERAL)}
    assert found == {("SUM_OF_INTENSITY", 4), ("SUM_OF_INTENSITY", 5), ("UNITS_MIXED", 9)}
