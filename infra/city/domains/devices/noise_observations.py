"""Noise meters: Observations of a SensorThings service, with the sequence number as a parameter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.domains.devices.messages import Losses, device_messages, iso
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

OBSERVATIONS_FILE = "api/noise_observations.json"
METERS = [f"NM{number:02d}" for number in range(1, 9)]
_EVERY_H = 2


def generate_noise_observations(city: City) -> PlantedBatch:
    """The observations in the order in which the service received them."""
    batch = PlantedBatch("environment.noise_observations", ("@iot.id", "parameters.seq"), city.random("noise meters"))
    messages = device_messages(city, batch.rng, METERS, _EVERY_H, Losses(lost=14, late=11, twice=9))
    for number, message in enumerate(messages, 1):
        busy = city.traffic(DISTRICTS[METERS.index(message.device) % len(DISTRICTS)], message.hour)
        fields: RecordFields = {
            "@iot.id": str(number),
            "device": message.device,
            "phenomenonTime": iso(message.sent_at),
            "resultTime": iso(message.received_at),
            "result": f"{46 + 22 * busy + batch.rng.uniform(-2, 2):.1f}",
            "parameters.seq": str(message.seq),
        }
        batch.add("", fields)
    batch.plant("louder than sound can be", "VALUE_OUT_OF_RANGE", 4, replace_field("result", "999.9"))
    batch.plant("a result in words", "VALUE_UNREADABLE", 3, replace_field("result", "overload"))
    batch.plant("no sequence number", "REQUIRED_MISSING", 3, replace_field("parameters.seq", None))
    return batch


def write_noise_observations(batch: PlantedBatch, folder: Path) -> None:
    """Write all observations as one list."""
    rows = [_observation(fields) for fields in batch.of("")]
    (folder / OBSERVATIONS_FILE).write_text(json.dumps(rows, indent=0), encoding="utf-8")


def _observation(fields: RecordFields) -> dict[str, Any]:
    seq, result = fields["parameters.seq"], fields["result"] or ""
    return {
        "@iot.id": int(fields["@iot.id"] or 0),
        "phenomenonTime": fields["phenomenonTime"],
        "resultTime": fields["resultTime"],
        "result": float(result) if result.replace(".", "").isdecimal() else result,
        "parameters": {"seq": None if seq is None else int(seq)},
        "Datastream": {"name": fields["device"]},
    }
