"""The addresses of Hangzhou's schools, the districts that they lie in, and the gazetteers that they are tried with."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from citylake.pipelines.address.division_register import DivisionRegister, register_from_rows
from citylake.pipelines.address.gazetteer import Gazetteer, GazetteerEntry, PlaceKind, gazetteer_from_rows

CITY = "杭州市"
DAY = date(2022, 7, 1)
"""The responses are of spring and summer 2022."""
STREETS = Path(__file__).with_name("hangzhou_streets.csv")
"""Every street and town of Hangzhou, from the list of the National Bureau of Statistics of 2023-06-30."""
_LISTS = ("appSchoolDistrictInfoEntityList", "appSchoolDistrictInfoEntityListNewHZR")
_NAMES: tuple[tuple[PlaceKind, str], ...] = (("street", "streetName"), ("community", "sqmc"), ("estate", "xqmc"))


@dataclass(frozen=True, slots=True)
class School:
    """An address; the districts of the streets from which the school takes pupils (the truth, which no method reads);
    and the names of those rows."""

    number: str
    address: str
    districts: frozenset[str]
    places: tuple[GazetteerEntry, ...]


def schools(data: Path) -> list[School]:
    """The schools with an address and at least one street."""
    files = sorted((data / "gov_hangzhou_schools/detail").glob("*.json"))
    read = [_school(file.stem, json.loads(file.read_text("utf-8"))["result"]) for file in files]
    return [school for school in read if school.address and school.districts]


def _school(number: str, body: Mapping[str, Any]) -> School:
    rows = [row for name in _LISTS for row in body.get(name) or () if row.get("streetCode")]
    places = [
        GazetteerEntry(kind, row[field], row["streetCode"][:6]) for row in rows for kind, field in _NAMES if row[field]
    ]
    districts = frozenset(row["streetCode"][:6] for row in rows)
    return School(number, body["appSchoolInfoEntity"]["address"] or "", districts, tuple(dict.fromkeys(places)))


def register(data: Path) -> DivisionRegister:
    """The divisions since 1981, as the dataset ``place.divisions`` has them."""
    with (data / "divisions/result.csv").open(encoding="utf-8-sig", newline="") as file:
        return register_from_rows(_divisions(csv.DictReader(file)))


def _divisions(rows: Iterable[Mapping[str, str]]) -> Iterator[dict[str, Any]]:
    levels = {"省级": "1", "地级": "2", "县级": "3"}
    for row in rows:
        yield {
            "division_code": row["代码"],
            "division_name": row["名称"],
            "division_level": levels[row["级别"]],
            "province_name": row["一级行政区"],
            "prefecture_name": row["二级行政区"],
            "valid_from": _year(row["启用时间"]),
            "valid_to": _year(row["变更/弃用时间"]),
            "successor_codes": row["新代码"],
        }


def _year(text: str) -> date | None:
    return date(int(text), 1, 1) if text else None


def city_streets() -> Gazetteer:
    """The city's streets and towns."""
    with STREETS.open(encoding="utf-8", newline="") as file:
        return gazetteer_from_rows(csv.DictReader(file))


def of_others(school: School, known: Iterable[School]) -> Gazetteer:
    """The streets, communities and estates of the other schools: nothing of this school's own rows."""
    return Gazetteer(entry for other in known if other.number != school.number for entry in other.places)
