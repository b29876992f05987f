"""Two data centres: power from their management systems (pages of an API, UTC), cooling from the plant room (CSV).

The power counts the START of a quarter in epoch seconds; the plant room writes local time at the END of ten minutes,
and one of the two measures in litres a second and degrees Fahrenheit.
"""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import UTC, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.energy.true_power import energy_hours
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

    from citylake.infra.city.serve.city_data import CityData

DATACENTRES = (("LH-DC1", 820.0, 0.24), ("LH-DC2", 460.0, 0.47))
"""Code, mean power of the IT equipment in kW, and what the rest takes as a share of it."""
POWER_FILE = "api/datacentre_power.json"
COOLING_HEADER = ("机房", "回路", "时间", "流量", "流量单位", "供水温度", "回水温度", "温度单位")
WATER_KJ_M3K = 4190.0
"""Heat that a cubic metre of water takes up for one kelvin, kJ."""
_UTC_PLUS_8 = timedelta(hours=8)
_PAGE_MOST = 500


def generate_power(city: City) -> PlantedBatch:
    """Power of the IT equipment and of the whole facility every quarter of an hour."""
    batch = PlantedBatch("energy.datacentre_power", ("dc", "epoch"), city.random("datacentre_power"))
    for quarter in range(4 * energy_hours(city).start, 4 * city.hours):
        start = city.at(0) + timedelta(minutes=15 * quarter)
        for code, mean_kw, _ in DATACENTRES:
            power = it_kw(code, city, quarter // 4) * batch.rng.uniform(0.99, 1.01)
            rest = power * _overhead(code, start.hour) * batch.rng.uniform(0.98, 1.02) + 0.02 * mean_kw
            fields: RecordFields = {
                "dc": code,
                "epoch": str(int((start - _UTC_PLUS_8).replace(tzinfo=UTC).timestamp())),
                "itKw": f"{power:.2f}",
                "totalKw": f"{power + rest:.2f}",
            }
            batch.add("", fields)
    _spoil_power(batch)
    return batch


def write_power_file(batch: PlantedBatch, folder: Path) -> None:
    """Write all records as one JSON list; the server splits it into pages."""
    (folder / POWER_FILE).write_text(json.dumps(batch.of(""), indent=0), encoding="utf-8")


def generate_cooling(city: City) -> PlantedBatch:
    """Flow and temperatures of each data centre's chilled water every ten minutes."""
    batch = PlantedBatch("energy.datacentre_cooling", ("机房", "时间"), city.random("datacentre_cooling"))
    for step in range(6 * energy_hours(city).start, 6 * city.hours):
        end = city.at(0) + timedelta(minutes=10 * (step + 1))
        for code, _, _ in DATACENTRES:
            fields = _cooling(city, batch, code, step // 6)
            batch.add(f"cooling_{end - timedelta(minutes=10):%Y%m%d}.csv", {**fields, "时间": f"{end:%Y-%m-%d %H:%M}"})
    _spoil_cooling(batch)
    return batch


def write_cooling_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a day."""
    for name, records in batch.by_source().items():
        text = io.StringIO(newline="")
        sheet = csv.writer(text, lineterminator="\n")
        sheet.writerow(COOLING_HEADER)
        sheet.writerows([fields[column] for column in COOLING_HEADER] for fields in records)
        (folder / "files/energy" / name).write_text(text.getvalue(), encoding="utf-8-sig")


def datacentre_routes(held: CityData) -> list[Route]:
    """``/dcim/power?offset=N&limit=M``: readings from ``offset``, and how many there are."""
    from starlette.responses import JSONResponse
    from starlette.routing import Route

    def power(request: Request) -> Response:
        first = int(request.query_params.get("offset", 0))
        many = min(int(request.query_params.get("limit", 100)), _PAGE_MOST)
        rows = held.records(POWER_FILE)
        return JSONResponse({"count": len(rows), "readings": rows[first : first + many]})

    return [Route("/dcim/power", power)]


def it_kw(code: str, city: City, hour: int) -> float:
    """The mean power of the IT equipment in an hour: more by day, and more when the city calls."""
    mean_kw = next(power for each, power, _ in DATACENTRES if each == code)
    return mean_kw * (1 + 0.08 * math.sin(math.pi * (city.at(hour).hour - 8) / 12))


def _overhead(code: str, clock: int) -> float:
    share = next(rest for each, _, rest in DATACENTRES if each == code)
    return share * (1 + 0.12 * math.sin(math.pi * (clock - 9) / 12))


def _cooling(city: City, batch: PlantedBatch, code: str, hour: int) -> RecordFields:
    foreign = code == "LH-DC2"
    supply, rise = 12 + batch.rng.uniform(-0.3, 0.3), 5.5 + batch.rng.uniform(-0.2, 0.2)
    flow_m3h = 0.97 * it_kw(code, city, hour) * 3600 / (WATER_KJ_M3K * rise) * batch.rng.uniform(0.99, 1.01)
    temperatures = (supply, supply + rise)
    supplied, returned = (t * 9 / 5 + 32 if foreign else t for t in temperatures)
    return {
        "机房": code,
        "回路": "CHW1",
        "流量": f"{flow_m3h / 3.6:.3f}" if foreign else f"{flow_m3h:.2f}",
        "流量单位": "升/秒" if foreign else "立方米/小时",
        "供水温度": f"{supplied:.2f}",
        "回水温度": f"{returned:.2f}",
        "温度单位": "华氏" if foreign else "摄氏",
    }


def _spoil_power(batch: PlantedBatch) -> None:
    batch.plant("more IT than facility", "DATACENTRE_POWER_REVERSED", 4, _exchange_power)
    batch.plant("a power in words", "VALUE_UNREADABLE", 3, replace_field("totalKw", "n/a?"))
    batch.plant("a power below zero", "VALUE_OUT_OF_RANGE", 2, replace_field("itKw", "-20.00"))
    batch.plant("no data centre", "REQUIRED_MISSING", 2, replace_field("dc", None))
    batch.plant("a time that is none", "TIME_UNREADABLE", 2, replace_field("epoch", "now"))
    batch.contradict(2, replace_field("totalKw", "2222.00"))


def _exchange_power(fields: RecordFields, _: object) -> None:
    fields["itKw"], fields["totalKw"] = fields["totalKw"], fields["itKw"]


def _spoil_cooling(batch: PlantedBatch) -> None:
    batch.plant("return colder than supply", "COOLING_REVERSED", 5, _exchange_water)
    batch.plant("a unit that nobody knows", "UNIT_UNKNOWN_IN_ROW", 3, replace_field("流量单位", "桶/天"))
    batch.plant("a flow below zero", "VALUE_OUT_OF_RANGE", 3, replace_field("流量", "-4.00"))
    batch.plant("a flow in words", "VALUE_UNREADABLE", 3, replace_field("流量", "停机"))
    batch.plant("no data centre", "REQUIRED_MISSING", 2, replace_field("机房", None))
    batch.plant("a time that is none", "TIME_UNREADABLE", 2, replace_field("时间", "24:70"))
    batch.contradict(3, replace_field("流量", "1.00"))
    batch.repeat(4)


def _exchange_water(fields: RecordFields, _: object) -> None:
    fields["供水温度"], fields["回水温度"] = fields["回水温度"], fields["供水温度"]
