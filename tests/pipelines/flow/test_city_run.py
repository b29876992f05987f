"""The main job on the stand-in city: exactly what was planted is found, and the marts say what the city does."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.infra.city.generate import TRUTH_FILE
from citylake.infra.city.serve.city_server import serve_city
from citylake.infra.city.show_question import show_question, show_silo
from citylake.infra.city.standing_city import standing_city
from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.run_pipeline import RunOutcome, run_pipeline
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.read.mart_reader import query_mart
from citylake.schemas.read.registry import load_registry
from tests.declared import DEMO

DATASETS = (
    "education.schools",
    "environment.air_hourly",
    "environment.air_stations",
    "environment.discharge_permits",
    "environment.rain_gauges",
    "government.enterprise_registry",
    "government.hotline_cases",
    "social.insured_units",
    "tax.taxpayers",
    "traffic.bus_positions",
    "traffic.bus_timetable",
    "traffic.detector_flow",
    "traffic.school_roads",
)
REGISTERS = {
    "government.enterprise_registry": "uscc",
    "social.insured_units": "organisation_code",
    "tax.taxpayers": "uscc",
}


@dataclass(frozen=True)
class Ran:
    folder: Path
    lake: Lake
    truth: dict[str, Any]
    told: dict[str, Any]
    first: RunOutcome
    second: RunOutcome

    def dataset(self, name: str) -> dict[str, Any]:
        return next(entry for entry in self.first.document["datasets"] if entry["dataset"] == name)

    def ask(self, mart: str, sql: str) -> list[dict[str, Any]]:
        columns, rows = query_mart(self.lake, mart, sql)
        return [dict(zip(columns, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("city")
    lake = Lake(str(folder / "lake"))
    with standing_city(folder / "data") as places:
        first = _run(lake, places)
    second = _run_again(lake, folder / "data")
    told = json.loads((folder / "data" / TRUTH_FILE).read_text("utf-8"))
    return Ran(folder, lake, told["datasets"], told, first, second)


def _run_again(lake: Lake, folder: Path) -> RunOutcome:
    """Over the same bytes, of which neither the times of the files nor the port are as before."""
    for path in folder.rglob("*"):
        path.touch()
    with serve_city(folder) as url:
        return _run(lake, {"CITY_FILES": str((folder / "files").resolve()), "CITY_URL": url})


def _run(lake: Lake, places: dict[str, str]) -> RunOutcome:
    registry, this = load_registry(DEMO), new_run()
    return run_pipeline(RunContext(registry, lake, Ledger(lake), this, run_variables(registry, this, places)))


def test_the_run_ends_well(ran: Ran) -> None:
    held = [(entry["dataset"], entry["problems"]) for entry in ran.first.document["datasets"] if entry["problems"]]
    assert ran.first.exit_code == 0, held
    assert {batch.status for batch in ran.first.batches} == {"committed"}


def test_every_dataset_of_the_city_is_in_the_truth(ran: Ran) -> None:
    assert set(DATASETS) == set(ran.truth)


@pytest.mark.parametrize("name", DATASETS)
def test_every_row_is_accounted_for_as_planted(ran: Ran, name: str) -> None:
    found, truth = ran.dataset(name), ran.truth[name]
    counts = {key: found[f"rows_{key}"] for key in ("in", "standard", "quarantined", "duplicate", "superseded")}
    assert counts == {
        "in": truth["rows"],
        "standard": truth["standard"] - truth["unchanged"],
        "quarantined": truth["quarantined"],
        "duplicate": truth["duplicates"] + truth["unchanged"],
        "superseded": truth["superseded"],
    }


@pytest.mark.parametrize("name", DATASETS)
def test_the_issues_are_those_that_were_planted(ran: Ran, name: str) -> None:
    assert {entry["code"]: entry["rows"] for entry in ran.dataset(name)["issues"]} == ran.truth[name]["issues"]


@pytest.mark.parametrize("name", DATASETS)
def test_each_refused_row_is_one_that_was_spoiled_with_just_its_reasons(ran: Ran, name: str) -> None:
    faults = ran.truth[name]["faults"]
    key = list(faults[0]["where"])
    refused = pl.read_delta(ran.lake.quarantine(name)).select("_source", "raw", "codes").rows()
    found = Counter(_named(source, json.loads(raw), key, codes, faults) for source, raw, codes in refused)
    planted = Counter(_named(fault["source"], fault["where"], key, fault["issues"], faults) for fault in faults)
    assert found == planted


def _named(source: str, fields: dict[str, Any], key: list[str], codes: list[str], faults: list[Any]) -> tuple[Any, ...]:
    from_files = bool(faults[0]["source"])
    return (source if from_files else "", *(fields[name] for name in key), tuple(sorted(codes)))


def test_the_standard_table_holds_what_was_counted(ran: Ran) -> None:
    for name in set(DATASETS) - REGISTERS.keys():
        rows = pl.scan_delta(ran.lake.standard(name)).select(pl.len()).collect().item()
        assert rows == ran.truth[name]["standard"] - ran.truth[name]["superseded"], name


@pytest.mark.parametrize(("name", "key"), REGISTERS.items())
def test_a_register_keeps_what_each_month_changed(ran: Ran, name: str, key: str) -> None:
    truth = ran.truth[name]
    register = pl.scan_delta(ran.lake.standard(name)).collect()
    assert register.height == truth["standard"] - truth["unchanged"]
    closed, opened = register.filter(pl.col("valid_to").is_not_null()), register.filter(pl.col("valid_to").is_null())
    assert closed.height > 20
    assert opened[key].is_unique().all()
    assert register.filter(pl.col("valid_to") <= pl.col("valid_from")).is_empty()


def test_the_same_bytes_from_another_port_change_nothing(ran: Ran) -> None:
    assert ran.second.exit_code == 0
    assert {batch.status for batch in ran.second.batches} == {"unchanged"}
    assert {item.status for item in ran.second.publications} == {"unchanged"}


def test_every_source_speaks_one_language_in_the_lake(ran: Ran) -> None:
    flow = pl.scan_delta(ran.lake.standard("traffic.detector_flow"))
    air = pl.scan_delta(ran.lake.standard("environment.air_hourly"))
    fastest = flow.group_by("device_code").agg(pl.col("mean_speed_kmh").max()).collect()["mean_speed_kmh"]
    assert min(fastest.to_list()) > 40
    assert 0.2 < air.select(pl.col("co_mgm3").mean()).collect().item() < 1.5
    span = pl.col("hour_start").max() - pl.col("hour_start").min()
    assert flow.select(span).collect().item() == air.select(span).collect().item()


def test_the_corrected_file_wins(ran: Ran) -> None:
    corrected = pl.scan_delta(ran.lake.standard("traffic.detector_flow")).filter(pl.col("_source").str.contains("订正"))
    flows = corrected.select("flow_veh").collect()["flow_veh"].to_list()
    assert len(flows) == ran.truth["traffic.detector_flow"]["superseded"]
    assert min(flows) >= 900


def test_the_mart_of_every_city_agrees_with_the_citys_own(ran: Ran) -> None:
    (pulse,) = ran.ask(
        "city_pulse",
        "SELECT count(*) AS days, sum(cases)::INTEGER AS cases, count(pm25_24h_ugm3) AS air, "
        "count(mean_speed_kmh) AS speed, count(precipitation_24h_mm) AS rain, count(air_temperature_degc) AS warmth "
        "FROM city_by_day",
    )
    cases = ran.ask("city_day", "SELECT sum(cases)::INTEGER AS cases FROM region_day")[0]["cases"]
    assert pulse == {"days": 14, "cases": cases, "air": 14, "speed": 14, "rain": 14, "warmth": 0}


def test_the_marts_are_published_with_every_region_and_time(ran: Ran) -> None:
    assert {item.mart: item.status for item in ran.first.publications} == {
        "city_day": "published",
        "city_pulse": "published",
        "enterprise_check": "published",
        "road_air_hour": "published",
    }
    days = ran.ask("city_day", "SELECT count(*) AS rows, count(aqi) AS aqi, count(enterprises) AS e FROM region_day")
    assert days == [{"rows": 6 * 14, "aqi": 6 * 14, "e": 6 * 14}]
    hours = ran.ask("road_air_hour", "SELECT count(*) AS rows, count(DISTINCT day) AS days FROM region_hour")
    assert hours == [{"rows": 6 * 14 * 24, "days": 14}]


def test_the_day_mart_shows_what_rain_does(ran: Ran) -> None:
    wet, dry = ran.ask(
        "city_day",
        "SELECT avg(drainage_cases) AS drainage, avg(mean_speed_kmh) AS speed, avg(o3_8h_24h_ugm3) AS ozone "
        "FROM region_day WHERE dayofweek(day) BETWEEN 1 AND 5 "
        "GROUP BY precipitation_24h_mm > 10 ORDER BY precipitation_24h_mm > 10 DESC",
    )
    assert wet["drainage"] > 5 * dry["drainage"]
    assert wet["speed"] < dry["speed"]
    assert wet["ozone"] < dry["ozone"]


def test_each_day_has_the_edition_of_the_index_that_held_on_it(ran: Ran) -> None:
    editions = ran.ask(
        "city_day", "SELECT aqi_edition, min(day)::VARCHAR AS first FROM region_day GROUP BY 1 ORDER BY 2"
    )
    assert [row["first"] for row in editions] == ["2026-02-23", "2026-03-01"]
    assert ["2012" in row["aqi_edition"] for row in editions] == [True, False]


def test_the_hour_mart_shows_gases_an_hour_behind_the_traffic(ran: Ran) -> None:
    peaks = ran.ask(
        "road_air_hour",
        "SELECT arg_max(hour, flow) AS flow, arg_max(hour, no2) AS no2 FROM (SELECT hour(hour_start) AS hour, "
        "avg(flow_veh) AS flow, avg(no2_ugm3) AS no2 FROM region_hour WHERE hour(hour_start) < 12 GROUP BY 1)",
    )
    assert peaks == [{"flow": 8, "no2": 9}]


def test_the_days_traffic_is_the_sum_of_its_hours(ran: Ran) -> None:
    by_day = ran.ask("city_day", "SELECT day, sum(flow_veh)::BIGINT AS flow FROM region_day GROUP BY 1 ORDER BY 1")
    by_hour = ran.ask(
        "road_air_hour", "SELECT day, sum(flow_veh)::BIGINT AS flow FROM region_hour GROUP BY 1 ORDER BY 1"
    )
    assert by_day == by_hour


def test_every_link_of_a_hotline_case_is_right(ran: Ran) -> None:
    """Precision and recall are 1.0: names in full, abbreviated ones, and ones with a wrong character."""
    spelt = ran.told["enterprises"]["government.hotline_cases"]["records"]
    links = pl.read_delta(ran.lake.curated("entities", "enterprise")).select("entity_id", "dataset", "record_key")
    register = links.filter(pl.col("dataset") == "government.enterprise_registry").select(
        "entity_id", uscc="record_key"
    )
    cases = links.filter(pl.col("dataset") == "government.hotline_cases").join(register, on="entity_id")
    assert [case for case, uscc in cases.select("record_key", "uscc").rows() if spelt[case]["uscc"] != uscc] == []
    known = set(pl.read_delta(ran.lake.standard("government.hotline_cases"))["case_no"]) & spelt.keys()
    found, named = (Counter(spelt[case]["spelling"] for case in which) for which in (cases["record_key"], known))
    assert found == named


def test_one_mart_answers_what_no_department_could_answer_alone(ran: Ran) -> None:
    true = ran.told["question"]
    rows = ran.ask("enterprise_check", "SELECT uscc, open_cases FROM permit_overdue_cases")
    found = {row["uscc"]: row["open_cases"] for row in rows}
    assert found == {uscc: len(cases) for uscc, cases in true.items()}
    spelt = ran.told["enterprises"]["government.hotline_cases"]["records"]
    by_name = [uscc for uscc, cases in true.items() if any(spelt[case]["spelling"] == "exact" for case in cases)]
    assert len(found) > len(by_name)


def test_the_answer_joins_four_departments(ran: Ran) -> None:
    (row,) = ran.ask(
        "enterprise_check",
        "SELECT bool_and(starts_with(discharge_permit_no, uscc)) AS permits, min(overdue_months) AS months, "
        "min(social_insurance_arrears_cny) > 0 AS owes, count(organisation_name) = count(*) AS named "
        "FROM permit_overdue_cases",
    )
    assert row == {"permits": True, "months": row["months"], "owes": True, "named": True}
    assert row["months"] >= 1


def test_make_run_ends_with_the_silo_before_and_after_and_with_an_answer_that_is_checked(
    ran: Ran, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_LANG", "en")
    show_silo(ran.folder / "lake")
    silo = capsys.readouterr().out
    assert re.search(r"elements shared by two departments or more +4 +15$", silo, re.MULTILINE)
    assert show_question(ran.folder / "data", ran.folder / "lake") == 0
    rows = ran.ask("enterprise_check", "SELECT uscc FROM permit_overdue_cases")
    true = len(ran.told["question"])
    said = f"The mart names {len(rows)} enterprises; {len(rows)} of them are right by truth.json, which has {true}."
    assert said in capsys.readouterr().out
