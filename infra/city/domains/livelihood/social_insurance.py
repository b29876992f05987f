"""Members of the social insurance by district, scheme and month: one JSON object of lists, a list for each column."""

from __future__ import annotations

import json
from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.domains.livelihood.past_months import past_months
from citylake.infra.city.generate.plant_faults import PlantedBatch, replace_field

_FILE = "members.json"
_COLUMNS = ("data.month", "data.district", "data.scheme", "data.members")
_SCHEMES = {"pension": 210_000, "medical": 265_000, "unemployment": 120_000}


def generate_insurance(city: City) -> PlantedBatch:
    """Six districts, three schemes and twelve months."""
    batch = PlantedBatch("livelihood.social_insurance", _COLUMNS[:3], city.random("members"))
    for number, month in enumerate(past_months(city)):
        for district in DISTRICTS:
            for scheme, usual in _SCHEMES.items():
                members = round(usual * district.bustle * (1 + 0.004 * number) * batch.rng.uniform(0.995, 1.005))
                fields = (f"{month:%Y-%m}", district.code, scheme, str(members))
                batch.add(_FILE, dict(zip(_COLUMNS, fields, strict=True)))
    batch.plant("a scheme that no list has", "CODE_UNKNOWN", 3, replace_field("data.scheme", "housing fund"))
    batch.plant("a month that is none", "TIME_UNREADABLE", 2, replace_field("data.month", "2025-13"))
    batch.plant("a negative number", "VALUE_OUT_OF_RANGE", 2, replace_field("data.members", "-1"))
    batch.plant("no district", "REQUIRED_MISSING", 2, replace_field("data.district", None))
    batch.contradict(2, replace_field("data.members", "1"))
    batch.repeat(3)
    return batch


def write_insurance_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the one file."""
    rows = batch.of(_FILE)
    lists = {name.removeprefix("data."): [fields[name] for fields in rows] for name in _COLUMNS}
    text = json.dumps({"status": "ok", "data": lists}, ensure_ascii=False)
    (folder / "files/livelihood" / _FILE).write_text(text, encoding="utf-8")
