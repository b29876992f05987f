"""Gates of venues: an API by offset, running counters, epoch milliseconds; counters that start again at zero."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.tourism.venues import Venue
from citylake.infra.city.domains.tourism.visits import planted_overloads, venue_hours
from citylake.infra.city.generate.plant_faults import PlantedBatch, replace_field
from citylake.infra.city.serve.city_data import CityData

GATES_FILE = "api/venue_gates.json"
_KEY = ("gateId", "ts", "inTotal")
_GATES = "AB"
_UTC_PLUS_8 = timedelta(hours=8)
_RESETS = 7
"""Gates that lost their power once within a day, and count from zero again."""


def generate_gates(city: City) -> PlantedBatch:
    """The reading of each gate at the opening and at the end of each open hour."""
    batch = PlantedBatch("tourism.gate_counters", _KEY, city.random("gates"))
    counters: dict[str, list[int]] = defaultdict(lambda: [batch.rng.randint(20000, 90000) for _ in "io"])
    resets = _reset_hours(city, batch)
    for row in venue_hours(city):
        if row.hour == row.venue.opens:
            _open(city, batch, counters, row.venue, row.day)
        came = round(row.entries * batch.rng.uniform(0.4, 0.6))
        left = round(row.exits * batch.rng.uniform(0.35, 0.65))
        for gate, entries, exits in (("A", came, left), ("B", row.entries - came, row.exits - left)):
            code = f"{row.venue.code}-{gate}"
            if (code, row.day, row.hour) in resets:
                counters[code] = [0, 0]
            counters[code] = [counters[code][0] + entries, counters[code][1] + exits]
            _add(batch, row.venue, code, row.day, row.hour + 1, counters[code])
    _spoil(city, batch)
    return batch


def write_gates_file(batch: PlantedBatch, folder: Path) -> None:
    """Write all records as one JSON list; the service splits it."""
    (folder / GATES_FILE).write_text(json.dumps(batch.of(""), ensure_ascii=False, indent=0), encoding="utf-8")


def gate_routes(held: CityData) -> list[Route]:
    """``/culture/gates?offset=&limit=``: some readings, and how many there are."""

    def gates(request: Request) -> Response:
        offset, limit = (int(request.query_params.get(name, "500")) for name in ("offset", "limit"))
        rows = held.records(GATES_FILE)
        return JSONResponse({"count": len(rows), "readings": rows[offset : offset + limit]})

    return [Route("/culture/gates", gates)]


def _reset_hours(city: City, batch: PlantedBatch) -> set[tuple[str, date, int]]:
    """Gate, day and hour of each loss of power, at gates whose counters otherwise run on for years."""
    rows = [row for row in venue_hours(city) if not _starts_daily(row.venue) and row.hour > row.venue.opens + 1]
    gates = sorted({f"{row.venue.code}-{gate}" for row in rows for gate in _GATES})
    found = set()
    for code in batch.rng.sample(gates, _RESETS):
        row = batch.rng.choice([row for row in rows if code.startswith(row.venue.code)])
        found.add((code, row.day, row.hour))
    return found


def _starts_daily(venue: Venue) -> bool:
    """Whether the venue's gates are set to zero each morning."""
    return int(venue.code[-2:]) % 2 == 0


def _open(city: City, batch: PlantedBatch, counters: dict[str, list[int]], venue: Venue, day: date) -> None:
    for gate in _GATES:
        code = f"{venue.code}-{gate}"
        counters[code] = [0, 0] if _starts_daily(venue) else counters[code]
        _add(batch, venue, code, day, venue.opens, counters[code])


def _add(batch: PlantedBatch, venue: Venue, code: str, day: date, hour: int, counter: list[int]) -> None:
    moment = (
        datetime.combine(day, time(), tzinfo=UTC) + timedelta(hours=hour, seconds=batch.rng.randrange(50)) - _UTC_PLUS_8
    )
    batch.add(
        "",
        {
            "gateId": code,
            "venueId": venue.code,
            "ts": str(int(moment.timestamp() * 1000)),
            "inTotal": str(counter[0]),
            "outTotal": str(counter[1]),
        },
    )


def _spoil(city: City, batch: PlantedBatch) -> None:
    """Plant faults; readings at the opening, and those of days with an overload, stay as they are."""
    kept = {(code, day) for code, day, _ in planted_overloads(city)}
    opens = {(row.venue.code, row.day): row.venue.opens for row in venue_hours(city)}
    for record in batch.records:
        when = datetime.fromtimestamp(int(record.fields["ts"] or "0") / 1000, UTC) + _UTC_PLUS_8
        where = record.fields["venueId"] or "", when.date()
        record.spoiled = when.hour == opens[where] or where in kept
    batch.plant("a counter below zero", "VALUE_OUT_OF_RANGE", 5, replace_field("inTotal", "-1"))
    batch.plant("a word in place of a count", "VALUE_UNREADABLE", 5, replace_field("outTotal", "ERR", "NaN?"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 4, replace_field("ts", "rebooting"))
    batch.plant("no gate", "REQUIRED_MISSING", 4, replace_field("gateId", None))
    batch.contradict(4, replace_field("inTotal", "999999"))
    batch.repeat(6)
