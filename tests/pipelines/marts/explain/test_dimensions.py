"""Dimensions hold what a mart refers to and its readers may have; code tables hold the declared facts."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from tests.pipelines.marts.explain.conftest import declare_dimension


def test_a_dimension_has_the_keys_of_the_mart_and_no_others(published: Any) -> None:
    assert published.ask("FROM dim.station") == [("a", "甲"), ("b", "乙")]
    named = "SELECT DISTINCT station_code, station_code_name FROM named.station_hour ORDER BY ALL"
    assert published.ask(named) == [("a", "甲"), ("b", "乙")]


def test_a_code_table_has_validity_and_levels_and_is_the_region_dimension(published: Any) -> None:
    day = date(2026, 2, 20)
    rows: list[tuple[Any, ...]] = [
        ("1", "老城", "old town", None, day, "0", 3, []),
        ("1", "古城", "ancient town", day, None, "0", 3, []),
        ("2", "新城", "new town", None, None, None, 3, []),
    ]
    assert published.ask("FROM codes.place_zone") == rows
    assert published.ask("FROM dim.region") == [(*row, "place.zone") for row in rows]


def test_the_days_say_what_they_are_by_the_calendar_of_the_workspace(published: Any) -> None:
    assert published.ask("SELECT min(day), max(day), count(*) FROM dim.date") == [
        (date(2026, 2, 16), date(2026, 2, 28), 13)
    ]
    asked = "SELECT weekday_zh, working_day, kind, holiday_zh, holiday_en, calendar_known FROM dim.date WHERE day = "
    assert published.ask(f"{asked} DATE '2026-02-17'") == [("周二", False, "holiday", "春节", "Spring Festival", True)]
    assert published.ask(f"{asked} DATE '2026-02-28'")[0][:3] == ("周六", True, "adjusted workday")
    assert published.ask(f"{asked} DATE '2026-02-27'") == [("周五", True, "workday", None, None, True)]


def test_a_dimension_takes_no_column_above_the_highest_of_the_mart(fresh: Any) -> None:
    contract = _stations(fresh)
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace("  code:", "  keeper: {element: place.keeper}\n  code:"), encoding="utf-8")
    declare_dimension(fresh.city, "label: keeper, columns: [station_name]")
    fresh.path = fresh.again().path
    assert [row[0] for row in fresh.ask("DESCRIBE dim.station")] == ["station_code", "station_name"]
    assert "station_code_name" not in [row[0] for row in fresh.ask("DESCRIBE named.station_hour")]


def test_a_dimension_takes_no_personal_information_whatever_the_mart_may_hold(fresh: Any) -> None:
    mart, contract = fresh.city.root / "marts/air/mart.yaml", _stations(fresh)
    highest = "highest: {grade: L4, openness: none, personal: sensitive}\ntables:"
    mart.write_text(mart.read_text("utf-8").replace("tables:", highest, 1), encoding="utf-8")
    text = contract.read_text("utf-8").replace("  code:", "  keeper: {element: place.keeper}\n  code:")
    contract.write_text(text, encoding="utf-8")
    declare_dimension(fresh.city, "label: station_name, columns: [keeper]")
    fresh.path = fresh.again().path
    assert [row[0] for row in fresh.ask("DESCRIBE dim.station")] == ["station_code", "station_name"]


def test_a_dataset_that_is_not_shared_is_no_dimension(fresh: Any) -> None:
    contract = _stations(fresh)
    contract.write_text(contract.read_text("utf-8") + "sharing: {class: none, basis: rule 5}\n", encoding="utf-8")
    fresh.path = fresh.again().path
    assert fresh.ask("SELECT count(*) FROM duckdb_tables() WHERE table_name = 'station'") == [(0,)]


def test_of_a_register_the_row_in_force_describes_a_key(fresh: Any) -> None:
    contract = _stations(fresh)
    text = contract.read_text(encoding="utf-8").replace("  code:", "  day: {element: time.day}\n  code:")
    snapshot = "write: {mode: snapshot, key: [station_code], effective: day}\n"
    contract.write_text(text[: text.index("write:")] + snapshot + text[text.index("dimension:") :], encoding="utf-8")
    rows = [("a", "old", date(2026, 1, 1), date(2026, 2, 1)), ("a", "new", date(2026, 2, 1), None)]
    frame = pl.DataFrame(rows, ["station_code", "station_name", "valid_from", "valid_to"], orient="row")
    shutil.rmtree(fresh.city.lake.standard("place.stations"))
    fresh.city._write("place.stations", frame, {"days": [], "everything": True}, None, None)
    fresh.path = fresh.again().path
    assert fresh.ask("FROM dim.station") == [("a", "new")]


def _stations(published: Any) -> Path:
    return Path(published.city.root / "datasets" / "place.stations.yaml")
