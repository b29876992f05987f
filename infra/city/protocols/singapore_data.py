"""A day of Singapore's readings, with their known faults."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random
from typing import Any

REGIONS = {
    "west": (1.35735, 103.7),
    "east": (1.35735, 103.94),
    "central": (1.35735, 103.82),
    "south": (1.29587, 103.82),
    "north": (1.41803, 103.82),
}
REGION_METADATA = [
    {"name": name, "labelLocation": {"latitude": latitude, "longitude": longitude}}
    for name, (latitude, longitude) in REGIONS.items()
]
_PLACES = {"S218": ("Bukit Batok Street 34", 1.36491, 103.75065), "S109": ("Ang Mo Kio Avenue 5", 1.3764, 103.8492)}
RAIN_STATIONS = [
    {"id": code, "deviceId": code, "name": name, "location": {"latitude": latitude, "longitude": longitude}}
    for code, (name, latitude, longitude) in _PLACES.items()
]
PSI_MEASURES = (
    "o3_sub_index", "no2_one_hour_max", "o3_eight_hour_max", "psi_twenty_four_hourly", "pm10_twenty_four_hourly",
    "pm10_sub_index", "pm25_twenty_four_hourly", "so2_sub_index", "pm25_sub_index", "so2_twenty_four_hourly",
    "co_eight_hour_max", "co_sub_index",
)  # fmt: skip
TAXI_COUNT = 30
RAIN_STEPS, RAIN_MINUTES = 288, 5


def pm25_readings(day: date) -> list[dict[str, Any]]:
    """24 hours of five regions. In the fourth hour the south has no value."""
    rng = Random(f"pm25 {day}")
    items = [_item(day, hour, {"pm25_one_hourly": _regions(rng, 3, 40)}) for hour in range(24)]
    items[3]["readings"]["pm25_one_hourly"]["south"] = None
    return items


def psi_readings(day: date) -> list[dict[str, Any]]:
    """24 hours of twelve measures in five regions. In the third hour the east's index is 9999."""
    rng = Random(f"psi {day}")
    items = [_item(day, hour, {name: _regions(rng, 1, 99) for name in PSI_MEASURES}) for hour in range(24)]
    items[2]["readings"]["psi_twenty_four_hourly"]["east"] = 9999
    return items


def _item(day: date, hour: int, readings: dict[str, Any]) -> dict[str, Any]:
    at = _at(day, 60 * hour)
    return {
        "date": f"{day}",
        "updatedTimestamp": at.replace(":00:00+", ":46:06+"),
        "timestamp": at,
        "readings": readings,
    }


def _regions(rng: Random, low: int, high: int) -> dict[str, Any]:
    return {name: rng.randint(low, high) for name in REGIONS}


def rainfall_readings(day: date) -> list[dict[str, Any]]:
    """288 five-minute totals of two stations. One is below zero, one is null, and one is missing."""
    rows = [
        _reading(day, RAIN_MINUTES * step, dict.fromkeys(_PLACES, 0.2 * (step in (90, 91))))
        for step in range(RAIN_STEPS)
    ]
    rows[10]["data"][0]["value"] = -1
    rows[11]["data"][0]["value"] = None
    del rows[12]["data"][0]
    return rows


def temperature_readings(day: date) -> list[dict[str, Any]]:
    """One reading per hour, where the service has one per minute. One value is 99 degrees."""
    rng = Random(f"temperature {day}")
    rows = [_reading(day, 60 * hour, {code: round(rng.uniform(24, 33), 1) for code in _PLACES}) for hour in range(24)]
    rows[1]["data"][1]["value"] = 99
    return rows


def _reading(day: date, minute: int, values: dict[str, float]) -> dict[str, Any]:
    return {
        "timestamp": _at(day, minute),
        "data": [{"stationId": code, "value": said} for code, said in values.items()],
    }


def _at(day: date, minute: int) -> str:
    return f"{datetime.combine(day, datetime.min.time()) + timedelta(minutes=minute):%Y-%m-%dT%H:%M:%S}+08:00"


def taxi_positions(day: date) -> dict[str, Any]:
    """30 points of one moment; two taxis are at the same one."""
    points = [[round(103.7 + number / 100, 5), round(1.3 + number / 1000, 5)] for number in range(TAXI_COUNT - 1)]
    told = {"timestamp": _at(day, 782), "taxi_count": TAXI_COUNT, "api_info": {"status": "healthy"}}
    geometry = {"type": "MultiPoint", "coordinates": [*points, points[0]]}
    crs = {
        "type": "link",
        "properties": {"href": "http://spatialreference.org/ref/epsg/4326/ogcwkt/", "type": "ogcwkt"},
    }
    feature = {"type": "Feature", "geometry": geometry, "properties": told}
    return {"type": "FeatureCollection", "crs": crs, "features": [feature]}


def carpark_lots(day: date) -> dict[str, Any]:
    """Four car parks: one with two kinds of lots, one with an undocumented kind, one with more free than there are."""
    parks = [
        _park("HE12", day, ("105", "C", "36")),
        _park("HLM", day, ("583", "C", "0"), ("20", "Y", "11")),
        _park("RHM", day, ("322", "Q", "12")),
        _park("BM29", day, ("97", "C", "98")),
    ]
    return {"items": [{"timestamp": _at(day, 816), "carpark_data": parks}]}


def _park(code: str, day: date, *lots: tuple[str, str, str]) -> dict[str, Any]:
    names = ("total_lots", "lot_type", "lots_available")
    info = [dict(zip(names, lot, strict=True)) for lot in lots]
    return {"carpark_info": info, "carpark_number": code, "update_datetime": f"{day}T13:35:20"}
