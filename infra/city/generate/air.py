"""Hourly air quality: one CSV over HTTP, UTF-8 with a BOM, stations by name, CO in µg/m³, hours by their START."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.infra.city.generate.stations import AirStation, air_stations

AIR_FILE = "api/air_hourly.csv"
AIR_HEADER = ("时间", "站点名称", "PM2.5", "PM10", "SO2", "NO2", "O3", "CO", "备注")
_KEY = ("时间", "站点名称")
_NOISE = 0.06


def generate_air(city: City) -> PlantedBatch:
    """Six pollutants by station and hour."""
    batch = PlantedBatch("environment.air_hourly", _KEY, city.random("air"))
    for hour in range(city.hours):
        for station in air_stations():
            batch.add("", _fields(city, batch, station, hour))
    _spoil(batch)
    return batch


def write_air_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the one file that the server serves."""
    text = io.StringIO(newline="")
    sheet = csv.writer(text, lineterminator="\n")
    sheet.writerow(AIR_HEADER)
    sheet.writerows([fields[column] for column in AIR_HEADER] for fields in batch.of(""))
    (folder / AIR_FILE).write_bytes(text.getvalue().encode("utf-8-sig"))


def _fields(city: City, batch: PlantedBatch, station: AirStation, hour: int) -> RecordFields:
    def seen(value: float) -> float:
        return max(1.0, value * station.offset * (1 + batch.rng.gauss(0, _NOISE)))

    where = station.district
    pm25 = seen(city.pm25_ugm3(where, hour))
    return {
        "时间": f"{city.at(hour):%Y-%m-%d %H:%M}",
        "站点名称": station.name if batch.rng.random() < 0.8 else f"{station.name[:-1]}监测站",
        "PM2.5": f"{pm25:.0f}",
        "PM10": f"{pm25 * 1.45 + 12 * city.traffic(where, hour - 1):.0f}",
        "SO2": f"{seen(7):.0f}",
        "NO2": f"{seen(city.no2_ugm3(where, hour)):.0f}",
        "O3": f"{seen(city.o3_ugm3(where, hour)):.0f}",
        "CO": f"{seen(1000 * city.co_mgm3(where, hour)):.0f}",
        "备注": "",
    }


def _spoil(batch: PlantedBatch) -> None:
    for pollutant in AIR_HEADER[2:8]:
        batch.smudge(18, replace_field(pollutant, "NA", "—"))
    batch.smudge(30, replace_field("SO2", "<2"))
    batch.plant("a station that no list has", "LOOKUP_UNKNOWN", 5, replace_field("站点名称", "老城站", "移动车01"))
    batch.plant("a negative concentration", "VALUE_OUT_OF_RANGE", 6, replace_field("PM2.5", "-17"))
    batch.plant("a value that is no number", "VALUE_UNREADABLE", 5, replace_field("O3", "1.2.3", "仪器校准"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 2, replace_field("时间", "2026-02-3O 07:00"))
    batch.plant("no station", "REQUIRED_MISSING", 3, replace_field("站点名称", None))
    batch.plant("more PM2.5 than PM10", "PM25_ABOVE_PM10", 4, _exchange)
    batch.contradict(4, replace_field("NO2", "199"))
    batch.repeat(8)


def _exchange(fields: RecordFields, _: object) -> None:
    fields["PM2.5"], fields["PM10"] = "180", "60"
