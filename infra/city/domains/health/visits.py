"""Outpatient visits by syndrome: pages of JSON with an offset; districts by code, days without signs between."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from random import Random

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.domains.health.epidemic import spread, watch_days
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.infra.city.protocols.paging import int_parameter
from citylake.infra.city.serve.city_data import CityData

VISITS_FILE = "api/health_visits.json"
_KEY = ("orgCode", "visitDate", "syndrome")
_SHARES = {"ILI": 0.035, "diarrhoea": 0.02, "rash": 0.008}
_MOST_ROWS = 500


def generate_visits(city: City) -> PlantedBatch:
    """The visits of two hospitals a district, by day and syndrome."""
    batch = PlantedBatch("health.visits", _KEY, city.random("visits"))
    for day in watch_days(city):
        for district in DISTRICTS:
            for number in (1, 2):
                _add_hospital(city, batch, district, number, day)
    _spoil(batch)
    return batch


def write_visits_file(batch: PlantedBatch, folder: Path) -> None:
    """Write all records as one JSON list; the service splits it into pages."""
    (folder / VISITS_FILE).write_text(json.dumps(batch.of(""), ensure_ascii=False, indent=0), encoding="utf-8")


def visit_routes(held: CityData) -> list[Route]:
    """``/health/visits?offset=N&limit=M``: records from ``offset``, and how many there are."""

    def visits(request: Request) -> Response:
        offset = int_parameter(request.query_params, "offset", 0)
        limit = min(int_parameter(request.query_params, "limit", 100), _MOST_ROWS)
        rows = held.records(VISITS_FILE)
        return JSONResponse({"total": len(rows), "data": rows[offset : offset + limit]})

    return [Route("/health/visits", visits)]


def _add_hospital(city: City, batch: PlantedBatch, district: District, number: int, day: date) -> None:
    weekend = 0.55 if day.weekday() >= 5 else 1.0
    everyone = round(620 * district.bustle * weekend * batch.rng.uniform(0.92, 1.08) / number)
    for syndrome, share in _SHARES.items():
        grown = share * (spread(city, day) if syndrome == "ILI" else 1)
        batch.add("", _fields(batch.rng, f"{district.code}H{number:02d}", district, day, syndrome, everyone, grown))


def _fields(
    rng: Random, hospital: str, district: District, day: date, syndrome: str, everyone: int, share: float
) -> RecordFields:
    return {
        "orgCode": hospital,
        "regionCode": district.code,
        "visitDate": f"{day:%Y%m%d}",
        "syndrome": syndrome,
        "visits": str(round(everyone * share * rng.uniform(0.8, 1.2))),
        "outpatients": str(everyone),
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("more than all visits", "SYNDROME_ABOVE_ALL", 5, _more_than_all)
    batch.plant("a negative number", "VALUE_OUT_OF_RANGE", 3, replace_field("visits", "-1"))
    batch.plant("a syndrome that no list has", "CODE_UNKNOWN", 3, replace_field("syndrome", "headache"))
    batch.plant("a day that is none", "TIME_UNREADABLE", 3, replace_field("visitDate", "20260231", "today"))
    batch.plant("no hospital", "REQUIRED_MISSING", 2, replace_field("orgCode", None))
    batch.contradict(3, replace_field("visits", "0"))


def _more_than_all(fields: RecordFields, rng: Random) -> None:
    fields["visits"] = str(int(fields["outpatients"] or 0) + rng.randint(1, 90))
