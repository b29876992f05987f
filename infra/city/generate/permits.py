"""Permits to discharge pollutants: a JSON API with English keys, day-first dates, GCJ-02 and an abolished code."""

from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.firms import Firm, city_firms
from citylake.infra.city.generate.nested_json import nest_fields
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.infra.city.generate.spelling import WrittenName, write_name
from citylake.infra.city.generate.uscc import spoil_check_digit

PERMITS_FILE = "api/permits.json"
_ABOLISHED = {"990106": "990107"}


def generate_permits(city: City) -> PlantedBatch:
    """One permit for each enterprise that needs one."""
    batch = PlantedBatch("environment.discharge_permits", ("permitNo", "companyName"), city.random("permits"))
    for firm in city_firms(city):
        if firm.has_permit:
            permit_no = f"{firm.uscc}001P"
            batch.who[permit_no] = write_name(batch.rng, firm.uscc, firm.name, exact=0.85, abbreviated=0.05)
            batch.add("", _fields(city, batch.rng, firm, permit_no, batch.who[permit_no]))
    _spoil(batch)
    return batch


def write_permits_file(batch: PlantedBatch, folder: Path) -> None:
    """Write all records as one JSON list."""
    rows = [nest_fields(fields) for fields in batch.of("")]
    (folder / PERMITS_FILE).write_text(json.dumps(rows, ensure_ascii=False, indent=0), encoding="utf-8")


def is_in_force(fields: RecordFields) -> bool:
    """Whether a good record is of a permit in force."""
    return fields["status"] == "active"


def _fields(city: City, rng: Random, firm: Firm, permit_no: str, written: WrittenName) -> RecordFields:
    expires = city.start + timedelta(days=rng.randint(-60, 1500))
    longitude, latitude = firm.gcj02
    gone = _ABOLISHED.get(firm.district.code) if firm.founded < "2020-07-01" else None
    return {
        "permitNo": permit_no,
        "companyName": written.name,
        "creditCode": firm.uscc,
        "managementClass": rng.choice(("key", "simplified", "simplified", "registration")),
        "issuedOn": _day_first(expires - timedelta(days=5 * 365)),
        "expiresOn": _day_first(expires),
        "status": _status(rng, city, expires),
        "district": gone or firm.district.code,
        "site.address": firm.address,
        "site.lng": longitude,
        "site.lat": latitude,
    }


def _day_first(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def _status(rng: Random, city: City, expires: date) -> str:
    if expires < city.start:
        return "expired"
    return "active" if rng.random() < 0.93 else "cancelled"


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a wrong check digit", "CHECK_DIGIT_WRONG", 2, _wrong_check_digit)
    batch.plant("a state that no list has", "CODE_UNKNOWN", 2, replace_field("status", "pending", "?"))
    batch.plant("a date that is none", "TIME_UNREADABLE", 2, replace_field("expiresOn", "31/02/2027", "长期"))
    batch.plant("no permit number", "REQUIRED_MISSING", 1, replace_field("permitNo", None))
    batch.plant("longitude and latitude exchanged", "VALUE_OUT_OF_RANGE", 2, _exchange)
    batch.contradict(1, replace_field("site.address", "地址不详"))
    batch.repeat(2)


def _wrong_check_digit(fields: RecordFields, _: Random) -> None:
    fields["creditCode"] = spoil_check_digit(fields["creditCode"] or "")


def _exchange(fields: RecordFields, _: Random) -> None:
    fields["site.lng"], fields["site.lat"] = fields["site.lat"], fields["site.lng"]
