"""Reports of communities go up through a front-end database, and the city's roll-up comes down through it again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.divisions import DOMAIN as DIVISIONS
from citylake.infra.city.domains.divisions.community_reports import DATABASE_FILE
from citylake.infra.city.domains.grid import DOMAIN as GRID
from citylake.infra.city.standing_city import standing_city
from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE
from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.exchange.deliver.make_delivery import find_deliveries, make_deliveries
from citylake.pipelines.marts.make.delta_views import create_standard_view
from citylake.pipelines.read.mart_reader import query_mart
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.declared import declare_packs
from tests.postgres import Postgres
from tests.trial import Trial

DISTRICT = "990106"
DELIVERY = {
    "delivery": "division_day_to_districts",
    "title": {"zh": "汇总下发", "en": "the roll-up"},
    "department": "各区社会工作部",
    "mart": "division_rollup",
    "tables": {"division_day": {"name": "city_division_day"}},
    "target": {"kind": "database", "connection": "district_front_end"},
    "mode": "changes",
}
CONTRACT = f"""
dataset: city.division_day
title: {{zh: 市里下发的汇总, en: the city's roll-up}}
owner: {{department: 高新区社会工作部}}
source:
  connector: database
  connection: district_front_end
  table: city_division_day
  where: subdivision_code LIKE '{DISTRICT}%'
  order: [subdivision_code, day]
fields:
  subdivision_level: {{element: grid.level, required: true}}
  subdivision_code: {{element: grid.registered_code, required: true}}
  day: {{element: time.day, format: "%Y-%m-%d", required: true}}
  hazards_found: {{element: grid.hazards_found}}
ignore: ["*"]
write: {{mode: upsert, key: [subdivision_code, day]}}
"""
Hazards = dict[tuple[str, str], int]
"""(division, day) → hazards found."""


@dataclass
class Exchange:
    """The city's and the district's lake, and the front-end database between them."""

    city: Trial
    district: Trial
    front_end: Postgres

    def pass_on(self) -> None:
        """The city takes the reports and delivers the roll-up; the district takes what was delivered."""
        ran = self.city.run(marts=["division_rollup"], datasets=DATASETS)
        assert ran.exit_code == 0, ran.document["datasets"]
        registry, this = load_valid_registry(self.city.root / "workspace"), new_run()
        variables = run_variables(registry, this, self.city.given)
        context = RunContext(registry, self.city.lake, self.city.ledger, this, variables)
        assert [each.status for each in make_deliveries(context, find_deliveries(context, []))] == ["delivered"]
        assert self.district.run().exit_code == 0

    @property
    def published(self) -> Hazards:
        """What the city's mart says of the district and what is in it."""
        _, rows = query_mart(
            self.city.lake,
            "division_rollup",
            "SELECT subdivision_code, day::VARCHAR, hazards_found FROM division_day"
            f" WHERE subdivision_code LIKE '{DISTRICT}%'",
        )
        return {(code, day): found for code, day, found in rows}

    @property
    def received(self) -> Hazards:
        """What the district's lake has."""
        with duckdb.connect() as connection:
            registry = load_valid_registry(self.district.root / "workspace")
            create_standard_view(connection, self.district.lake, registry, "city.division_day", None)
            rows = connection.execute(
                "SELECT subdivision_code, day::VARCHAR, hazards_found FROM city.division_day"
            ).fetchall()
        return {(code, day): found for code, day, found in rows}


DATASETS = (
    "place.subdivisions",
    "grid.community_reports",
    "grid.cells",
    "grid.events",
    "government.hotline_cases",
)


@pytest.fixture
def exchange(postgres: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Exchange]:
    with standing_city(tmp_path / "data", City(days=8), [DIVISIONS, GRID]) as places:
        monkeypatch.setenv("CITYLAKE_CONN_DISTRICT_FRONT_END", json.dumps({"uri": postgres.uri}))
        hand_over(tmp_path / "data" / DATABASE_FILE, postgres)
        city, district = Trial(tmp_path / "city", places), Trial(tmp_path / "district")
        declare_packs(city.root / "workspace", WHITEPAPER_WORKSPACE)
        with (city.root / "workspace/workspace.yaml").open("a", encoding="utf-8") as text:
            text.write(f"datasets: {json.dumps(DATASETS)}\nmarts: [division_rollup]\n")
        city.declare("deliveries/division_day_to_districts", DELIVERY)
        declare_packs(district.root / "workspace", WHITEPAPER_WORKSPACE)
        district.declare("datasets/city/division_day", CONTRACT)
        yield Exchange(city, district, postgres)


def hand_over(file: Path, front_end: Postgres) -> None:
    """The districts' reports, as they put them into the front-end database."""
    with closing(sqlite3.connect(file)) as source:
        rows = source.execute("SELECT * FROM sq_rb").fetchall()
        names = [name for _, name, *_ in source.execute("PRAGMA table_info(sq_rb)")]
    values = ", ".join(f"({', '.join(_literal(value) for value in row)})" for row in rows)
    columns = ", ".join(f'"{name}" text' for name in names)
    front_end.sql(f"CREATE TABLE sq_rb ({columns})", f"INSERT INTO sq_rb VALUES {values}", "SELECT 1")


def _literal(value: str | None) -> str:
    return "NULL" if value is None else f"'{value}'"


def test_what_communities_report_comes_back_to_their_district_added_up(exchange: Exchange) -> None:
    exchange.pass_on()
    assert exchange.front_end.sql('SELECT DISTINCT "SYNC_FLAG" FROM sq_rb') == [("1",)]
    assert exchange.received == exchange.published
    streets = {code for code, _ in exchange.received if len(code) == 9}
    assert {"990106100", "990106003"} <= streets, "before and after the change of divisions"

    ((day, community, found),) = exchange.front_end.sql(
        'SELECT "RQ", "SQDM", "YHS" FROM sq_rb'
        f""" WHERE "SQDM" = '{DISTRICT}001001' AND "YHS" ~ '^[0-9]+$' ORDER BY "RQ" LIMIT 1"""
    )
    before = exchange.received[community, day]
    exchange.front_end.sql(
        "INSERT INTO sq_rb VALUES ("
        f"'2026033101', 'U', '0', '2026-03-31 09:00:00', '{day}', '{community}', '1', '{int(found) + 40}', '0')",
        "SELECT 1",
    )
    exchange.pass_on()
    assert exchange.received == exchange.published
    assert exchange.received[community, day] > before
    assert exchange.received[DISTRICT, day] == sum(
        count for (code, when), count in exchange.received.items() if when == day and len(code) == 12
    )
