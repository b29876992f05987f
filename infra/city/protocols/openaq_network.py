"""The data of the OpenAQ service: locations, sensors and their hours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any

from citylake.infra.city.protocols.air_hours import POLLUTANTS, AirHour, air_hours
from citylake.infra.city.serve.city_data import CityData

_HOUR = timedelta(hours=1)
_PARAMETERS = {"PM2.5": (2, "pm25"), "PM10": (1, "pm10"), "SO2": (6, "so2"), "NO2": (5, "no2"), "O3": (3, "o3")}
_CO_UGM3, _CO_PPM = (4, "co", "µg/m³"), (8, "co", "ppm")
CO_UGM3_PER_PPM = 1145.0
_FIRST = 100

OpenaqRow = dict[str, Any]


class SensorNetwork:
    """Location ``100 + n`` is the n-th station; its sensors are ``10 · location + 1`` to ``+ 6``."""

    def __init__(self, held: CityData) -> None:
        self.held = held

    @cached_property
    def locations(self) -> list[OpenaqRow]:
        """Every station of the register."""
        return [self._location(_FIRST + number, row) for number, row in enumerate(self.held.stations, 1)]

    def sensors(self, location: int) -> list[OpenaqRow]:
        """The sensors of ``location``."""
        found = [each["sensors"] for each in self.locations if each["id"] == location]
        return list(found[0]) if found else []

    def latest(self, location: int | None = None, parameter: int | None = None) -> list[OpenaqRow]:
        """The last hour of every sensor that has any."""
        found = []
        for place in self.locations:
            for sensor in place["sensors"] if location in (None, place["id"]) else ():
                rows = self.series(sensor["id"]) if parameter in (None, sensor["parameter"]["id"]) else None
                if rows:
                    last = {"datetime": rows[-1]["period"]["datetimeTo"], "value": rows[-1]["value"]}
                    whose = {"sensorsId": sensor["id"], "locationsId": place["id"]}
                    found.append({**last, "coordinates": place["coordinates"], **whose})
        return found

    def series(self, sensor: int, after: str | None = None, upto: str | None = None) -> Sequence[OpenaqRow] | None:
        """The sensor's hours by time; None if there is no such sensor."""
        place = next((each for each in self.locations if each["id"] == sensor // 10), None)
        if place is None or not 1 <= sensor % 10 <= len(POLLUTANTS):
            return None
        told = place["sensors"][sensor % 10 - 1]["parameter"]
        hours = self._hours.get(place["name"], {})
        ends = (datetime.fromisoformat(text) if text else None for text in (after, upto))
        start, stop = ends
        return [
            _row(hour, POLLUTANTS[sensor % 10 - 1], told)
            for began, hour in sorted(hours.items())
            if (start is None or began + _HOUR > start) and (stop is None or began + _HOUR <= stop)
        ]

    @cached_property
    def _hours(self) -> dict[str, dict[datetime, AirHour]]:
        """Hours by the station's name and their start: of several for one hour, the first."""
        found: dict[str, dict[datetime, AirHour]] = {}
        for hour in air_hours(self.held.folder):
            if hour.began:
                name = hour.station.replace("监测站", "站")
                found.setdefault(name, {}).setdefault(hour.began, hour)
        return found

    def _location(self, number: int, row: OpenaqRow) -> OpenaqRow:
        place = {"latitude": float(row["place"]["lat"]), "longitude": float(row["place"]["lng"])}
        sensors = [
            {"id": 10 * number + each, "name": f"{told['name']} {told['units']}", "parameter": told}
            for each, told in enumerate(_parameters(number), 1)
        ]
        told = {"id": number, "name": row["name"], "timezone": "Asia/Shanghai", "sensors": sensors}
        return {**told, "isMobile": False, "isMonitor": True, "coordinates": place}


def _parameters(location: int) -> Iterator[OpenaqRow]:
    for pollutant in POLLUTANTS:
        usual = (*_PARAMETERS[pollutant], "µg/m³") if pollutant in _PARAMETERS else _CO_UGM3
        number, name, units = _CO_PPM if pollutant == "CO" and location % 2 else usual
        yield {"id": number, "name": name, "units": units, "displayName": None}


def _row(hour: AirHour, pollutant: str, parameter: OpenaqRow) -> OpenaqRow:
    """One hour, identified by its end; a value that is not a number is null and flagged."""
    assert hour.began is not None
    value = hour.number_of(pollutant)
    if value is not None and parameter["units"] == "ppm":
        value = round(value / CO_UGM3_PER_PPM, 6)
    ends = {"datetimeFrom": _both(hour.began), "datetimeTo": _both(hour.began + _HOUR)}
    told = {"value": value, "flagInfo": {"hasFlags": value is None}, "parameter": parameter}
    return {**told, "period": {"label": "1hour", "interval": "01:00:00", **ends}, "coordinates": None}


def _both(instant: datetime) -> dict[str, str]:
    return {"utc": f"{instant.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", "local": instant.isoformat()}
