from __future__ import annotations

import csv
import io
import json
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import polars as pl
import pytest

from citylake.infra.city.city_model import City
from citylake.infra.city.generate import generate_city

REGISTERS = ("government.enterprise_registry", "social.insured_units", "tax.taxpayers")
_SMALL = City(seed=7, start=date(2026, 2, 26), days=4)


def _bytes(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): sha256(path.read_bytes()).hexdigest() for path in files}


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path: Path) -> None:
    for name, city in (("a", _SMALL), ("b", _SMALL), ("c", City(8, _SMALL.start, _SMALL.days))):
        generate_city(tmp_path / name, city)
    first, again, other = (_bytes(tmp_path / name) for name in "abc")
    assert first == again
    assert first.keys() == other.keys()
    assert not {path for path in first if first[path] == other[path]}


def test_generating_again_leaves_no_file_of_the_city_before(tmp_path: Path) -> None:
    generate_city(tmp_path, City(days=6))
    generate_city(tmp_path, _SMALL)
    days = {path.stem[5:13] for path in (tmp_path / "files/detector").iterdir()}
    assert days == {day.strftime("%Y%m%d") for day in _SMALL.dates}


def test_a_city_of_one_day_has_every_dataset(tmp_path: Path) -> None:
    truth = generate_city(tmp_path, City(days=1))
    assert len(truth["datasets"]) == 13
    assert all(dataset["standard"] > 0 for dataset in truth["datasets"].values())


def test_the_truth_accounts_for_every_row(truth: dict[str, Any]) -> None:
    for dataset in truth.values():
        assert dataset["rows"] == dataset["standard"] + dataset["quarantined"] + dataset["duplicates"]
        assert dataset["quarantined"] == len(dataset["faults"])
        assert dataset["duplicates"] == len(dataset["repeated"])


def test_most_entries_are_the_same_in_the_next_register(truth: dict[str, Any]) -> None:
    for name, dataset in truth.items():
        share = dataset["unchanged"] / dataset["rows"]
        assert (0.3 < share < 0.5) if name in REGISTERS else share == 0, name


def test_every_dataset_but_the_station_register_is_dirty_in_several_ways(truth: dict[str, Any]) -> None:
    for name, dataset in truth.items():
        kinds = {code for fault in dataset["faults"] for code in fault["issues"]}
        assert len(kinds) >= (1 if name == "environment.air_stations" else 4), name


def test_the_whole_demo_stays_small(truth: dict[str, Any]) -> None:
    assert 50_000 < sum(dataset["rows"] for dataset in truth.values()) < 150_000


def test_the_truth_counts_the_rows_that_are_in_the_files(city_folder: Path, truth: dict[str, Any]) -> None:
    files = city_folder / "files"
    detector = sum(len(_lines(path, "gb18030")) - 4 for path in (files / "detector").iterdir())
    rain = sum(len(_lines(path, "utf-8")) - 1 for path in (files / "rain").iterdir())
    buses = sum(len(_lines(path, "utf-8")) for path in (files / "bus").iterdir())
    books = (files / "enterprise").iterdir()
    register = sum(pl.read_excel(path, engine="calamine", has_header=False).height - 2 for path in books)
    with ZipFile(files / "gtfs/lanhai_gtfs.zip") as feed:
        assert len(feed.read("stop_times.txt").splitlines()) - 1 == truth["traffic.bus_timetable"]["rows"]
    assert detector == truth["traffic.detector_flow"]["rows"]
    assert rain == truth["environment.rain_gauges"]["rows"]
    assert buses == truth["traffic.bus_positions"]["rows"]
    assert register == truth["government.enterprise_registry"]["rows"]


def _lines(path: Path, encoding: str) -> list[str]:
    return path.read_bytes().decode(encoding).splitlines()


def test_each_planted_fault_is_in_its_file(city_folder: Path, truth: dict[str, Any]) -> None:
    for fault in truth["traffic.detector_flow"]["faults"]:
        text = (city_folder / "files/detector" / fault["source"]).read_bytes().decode("gb18030")
        rows = csv.DictReader(io.StringIO("".join(text.splitlines(keepends=True)[2:])))
        assert any(all((row[name] or None) == value for name, value in fault["where"].items()) for row in rows)


@pytest.mark.parametrize("name", ["hotline", "air_stations"])
def test_apis_send_text_only(city_folder: Path, name: str) -> None:
    def is_text(value: Any) -> bool:
        return all(map(is_text, value.values())) if isinstance(value, dict) else value is None or isinstance(value, str)

    records = json.loads((city_folder / f"api/{name}.json").read_text("utf-8"))
    assert len(records) > 10
    assert all(map(is_text, records))


def test_the_air_table_begins_with_a_byte_order_mark(city_folder: Path) -> None:
    assert (city_folder / "api/air_hourly.csv").read_bytes().startswith(b"\xef\xbb\xbf")
