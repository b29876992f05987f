"""The broker's entities, as the Smart Data Models define them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from citylake.infra.city.protocols.air_hours import AirHour, air_hours
from citylake.infra.city.serve.city_data import CityData

AIR_ENTITY_TYPE = "AirQualityObserved"
_NAMES = {"PM2.5": "pm25", "PM10": "pm10", "SO2": "so2", "NO2": "no2", "O3": "o3", "CO": "co"}

NgsiEntity = dict[str, Any]


def air_entities(held: CityData) -> list[NgsiEntity]:
    """One entity per row of the air table."""
    with held.lock:
        if AIR_ENTITY_TYPE not in held.memory:
            places = {row["name"]: row["place"] for row in held.stations}
            held.memory[AIR_ENTITY_TYPE] = [_entity(hour, places) for hour in air_hours(held.folder)]
        found: list[NgsiEntity] = held.memory[AIR_ENTITY_TYPE]
        return found


def simplify_entity(entity: NgsiEntity) -> NgsiEntity:
    """The entity reduced to its values."""
    return {name: each["value"] if isinstance(each, dict) else each for name, each in entity.items()}


def _entity(hour: AirHour, places: dict[str, Any]) -> NgsiEntity:
    made: NgsiEntity = {"id": f"urn:ngsi-ld:{AIR_ENTITY_TYPE}:{hour.number:05d}", "type": AIR_ENTITY_TYPE}
    made["stationName"] = {"type": "Property", "value": hour.station}
    made["dateObserved"] = {"type": "Property", "value": _interval(hour)}
    place = places.get(hour.station.replace("监测站", "站"))
    if place:
        point = {"type": "Point", "coordinates": [float(place["lng"]), float(place["lat"])]}
        made["location"] = {"type": "GeoProperty", "value": point}
    return made | {name: _measured(hour, pollutant) for pollutant, name in _NAMES.items()}


def _interval(hour: AirHour) -> str:
    if hour.began is None:
        return hour.began_text
    return f"{hour.began.isoformat()}/{(hour.began + timedelta(hours=1)).isoformat()}"


def _measured(hour: AirHour, pollutant: str) -> NgsiEntity:
    """The value with its unit (UN/CEFACT); a text that is not a number is left unchanged."""
    value, unit = hour.number_of(pollutant), "GQ"
    if pollutant == "CO" and hour.number % 2 and value is not None:
        value, unit = round(value / 1000, 6), "GP"
    made: NgsiEntity = {
        "type": "Property",
        "value": hour.texts[pollutant] if value is None else value,
        "unitCode": unit,
    }
    return made | ({"observedAt": hour.began.isoformat()} if hour.began else {})
