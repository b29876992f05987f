"""Measurements of Chicago's street segments and beaches, with their known faults.

``SPOILED`` is the number of rows of each dataset that must be refused, ``REPEATED`` the number in the hour that occurs
twice.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

CHICAGO_DAYS = ("2026-10-31", "2026-11-01")
SEGMENT_COUNT = 6
SILENT_SEGMENT = 6
"""A segment without any bus: its speed is always -1."""
WEATHER_STATIONS = ("Oak Street Weather Station", "63rd Street Weather Station", "Foster Weather Station")
BEACHES = ("Ohio Street Beach", "Montrose Beach")

SEGMENT_COLUMNS = (
    "segmentid", "street", "_direction", "_fromst", "_tost", "_length", "_strheading", "_comments",
    "start_lon", "_lif_lat", "_lit_lon", "_lit_lat", "_traffic", "_last_updt",
)  # fmt: skip
HISTORY_COLUMNS = (
    "time", "segment_id", "speed", "street", "direction", "from_street", "to_street", "length", "street_heading",
    "comments", "bus_count", "message_count", "hour", "day_of_week", "month", "record_id", "start_latitude",
    "start_longitude", "end_latitude", "end_longitude",
)  # fmt: skip
WEATHER_COLUMNS = (
    "station_name", "measurement_timestamp", "air_temperature", "wet_bulb_temperature", "humidity", "rain_intensity",
    "interval_rain", "total_rain", "precipitation_type", "wind_direction", "wind_speed", "maximum_wind_speed",
    "barometric_pressure", "solar_radiation", "heading", "battery_life", "measurement_timestamp_label",
    "measurement_id",
)  # fmt: skip
WATER_COLUMNS = (
    "beach_name", "measurement_timestamp", "water_temperature", "turbidity", "transducer_depth", "wave_height",
    "wave_period", "battery_life", "measurement_timestamp_label", "measurement_id",
)  # fmt: skip


def segments_now() -> list[dict[str, Any]]:
    """Each segment in the hour that occurs twice."""
    return [
        {
            "segmentid": number,
            "street": "Touhy",
            "_direction": "EB",
            "_fromst": "California",
            "_tost": "Western",
            "_length": "0.48",
            "_strheading": "W",
            "start_lon": f"{-87.70 + number / 100:.10f}",
            "_lif_lat": f"{42.01 - number / 100:.10f}",
            "_lit_lon": f"{-87.69 + number / 100:.10f}",
            "_lit_lat": f"{42.01 - number / 100:.10f}",
            "_traffic": -1 if number == SILENT_SEGMENT else 20 + number,
            "_last_updt": "2026-11-01 01:20:51.0",
        }
        for number in range(1, SEGMENT_COUNT + 1)
    ]


def segments_history() -> list[dict[str, Any]]:
    """Every hour of every segment; 01:00 of the second day twice, with other speeds."""
    rng = Random("segments")
    return [
        _reading(day, hour, number, rng) for day, hour in _hours(twice=True) for number in range(1, SEGMENT_COUNT + 1)
    ]


def _reading(day: str, hour: int, number: int, rng: Random) -> dict[str, Any]:
    return {
        "time": f"{day}T{hour:02d}:00:00.000",
        "segment_id": number,
        "speed": -1 if number == SILENT_SEGMENT else rng.randint(10, 40) + rng.randint(1, 99) / 100,
        "street": "Touhy",
        "direction": "EB",
        "length": "0.48",
        "bus_count": rng.randint(0, 9),
        "start_latitude": f"{42.01 - number / 100:.6f}",
        "start_longitude": f"{-87.70 + number / 100:.6f}",
    }


def beach_weather() -> list[dict[str, Any]]:
    """Every hour of every station. Foster has no rain gauge; one row has no time, one a humidity of 183 %."""
    rng = Random("weather")
    rows = [_weather(day, hour, station, rng) for day, hour in _hours() for station in WEATHER_STATIONS]
    rows[5]["measurement_timestamp"] = None
    rows[7]["humidity"] = 183
    return rows


def _weather(day: str, hour: int, station: str, rng: Random) -> dict[str, Any]:
    dry = station.startswith("Foster")
    label = f"{day[5:7]}/{day[8:]}/{day[:4]} {hour % 12 or 12}:00 {'AM' if hour < 12 else 'PM'}"
    return {
        "station_name": station,
        "measurement_timestamp": f"{day}T{hour:02d}:00:00.000",
        "air_temperature": round(8 + rng.uniform(-3, 3), 1),
        "wet_bulb_temperature": None if dry else 6.1,
        "humidity": rng.randint(50, 95),
        "rain_intensity": None if dry else 0,
        "interval_rain": None if dry else (0.5 if hour in (6, 7) else 0),
        "total_rain": None if dry else 23.5,
        "precipitation_type": None if dry else 60 * (hour in (6, 7)),
        "wind_direction": rng.randint(0, 359),
        "wind_speed": round(rng.uniform(0, 9), 1),
        "maximum_wind_speed": round(rng.uniform(9, 15), 1),
        "barometric_pressure": 993.8,
        "solar_radiation": 31,
        "heading": None if dry else 358,
        "battery_life": 11.9,
        "measurement_timestamp_label": label,
        "measurement_id": f"{station.replace(' ', '')}{day.replace('-', '')}{hour:02d}00",
    }


def beach_water() -> list[dict[str, Any]]:
    """Every second hour at two beaches; one buoy that fell over reports a wave of -99999.992 m."""
    rng = Random("water")
    rows = [_water(day, hour, beach, rng) for day, hour in _hours() if hour % 2 == 0 for beach in BEACHES]
    rows[3]["wave_height"] = "-99999.992"
    return rows


def _water(day: str, hour: int, beach: str, rng: Random) -> dict[str, Any]:
    return {
        "beach_name": beach,
        "measurement_timestamp": f"{day}T{hour:02d}:00:00.000",
        "water_temperature": round(12 + rng.uniform(-1, 1), 1),
        "turbidity": round(rng.uniform(0.5, 3), 2),
        "transducer_depth": None if beach == "Montrose Beach" else 1.5,
        "wave_height": round(rng.uniform(0.05, 0.5), 3),
        "wave_period": rng.randint(2, 8),
        "battery_life": 10.5,
        "measurement_timestamp_label": f"{day} {hour}:00",
        "measurement_id": f"{beach.replace(' ', '')}{day.replace('-', '')}{hour:02d}00",
    }


def _hours(*, twice: bool = False) -> Iterator[tuple[str, int]]:
    for day in CHICAGO_DAYS:
        for hour in range(24):
            yield day, hour
            if twice and (day, hour) == (CHICAGO_DAYS[1], 1):
                yield day, hour
