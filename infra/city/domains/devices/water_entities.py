"""Water gauges of rivers: an entity a message in a context broker, levels in centimetres."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.domains.devices.messages import Losses, device_messages, iso
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

ENTITIES_FILE = "api/water_entities.json"
ENTITY_TYPE = "WaterLevelObserved"
GAUGES = [f"SW{number:02d}" for number in range(1, 7)]
_EVERY_H = 3


def generate_water_entities(city: City) -> PlantedBatch:
    """The entities in the order of their creation."""
    batch = PlantedBatch("environment.water_levels", ("id", "sequence.value"), city.random("water gauges"))
    messages = device_messages(city, batch.rng, GAUGES, _EVERY_H, Losses(lost=10, late=8, twice=7))
    for number, message in enumerate(messages, 1):
        wet = city.recent_rain_mm(DISTRICTS[GAUGES.index(message.device)], message.hour)
        fields: RecordFields = {
            "id": f"urn:ngsi-ld:{ENTITY_TYPE}:{number:05d}",
            "gauge.value": message.device,
            "sequence.value": str(message.seq),
            "level.value": f"{180 + 3.5 * wet + batch.rng.uniform(-4, 4):.1f}",
            "dateObserved.value": iso(message.sent_at),
            "dateReceived.value": iso(message.received_at),
        }
        batch.add("", fields)
    batch.plant("a level of a gauge that fell dry", "VALUE_UNREADABLE", 3, replace_field("level.value", "dry"))
    batch.plant(
        "a time that is none", "TIME_UNREADABLE", 3, replace_field("dateObserved.value", "2026-02-30T00:00:00Z")
    )
    batch.plant("no gauge", "REQUIRED_MISSING", 2, replace_field("gauge.value", None))
    return batch


def write_water_entities(batch: PlantedBatch, folder: Path) -> None:
    """Write all entities as one list."""
    rows = [_entity(fields) for fields in batch.of("")]
    (folder / ENTITIES_FILE).write_text(json.dumps(rows, indent=0), encoding="utf-8")


def _entity(fields: RecordFields) -> dict[str, Any]:
    made: dict[str, Any] = {"id": fields["id"], "type": ENTITY_TYPE}
    for path, value in fields.items():
        if path != "id":
            made[path.removesuffix(".value")] = {"type": "Property", "value": _value(path, value)}
    made["level"]["unitCode"] = "CMT"
    return made


def _value(path: str, value: str | None) -> str | int | float | None:
    if value is None or path not in ("sequence.value", "level.value"):
        return value
    if value.isdecimal():
        return int(value)
    return float(value) if value.replace(".", "").isdecimal() else value
