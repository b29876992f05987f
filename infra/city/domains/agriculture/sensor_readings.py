"""The archive of the farms' MQTT broker: JSON lines with the topic, and the payload as JSON text.

Devices number their messages. Some were lost, some came late and out of order, and some were delivered twice.
"""

from __future__ import annotations

import json
import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.agriculture.farm import Plot, city_farm
from citylake.infra.city.generate.json_lines import write_json_lines
from citylake.infra.city.generate.nested_json import nest_fields
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

DEVICES, EVERY_H = 16, 2
_KEY = ("payload.dev", "payload.seq", "received_at")
_UTC_PLUS_8 = timedelta(hours=8)
_LOST, _LATE, _TWICE = 24, 18, 15


def generate_sensor_readings(city: City) -> PlantedBatch:
    """The messages in the order in which the broker received them."""
    batch = PlantedBatch("agriculture.sensor_readings", _KEY, city.random("farm sensors"))
    messages = _messages(city, batch.rng)
    for fields in sorted(messages, key=lambda each: each["received_at"] or ""):
        batch.add(_file(fields), fields)
    batch.plant("a message that was cut off", "REQUIRED_MISSING", 6, _cut_off)
    batch.plant("more water than soil", "VALUE_OUT_OF_RANGE", 5, replace_field("payload.soil.vwc", "655.35"))
    batch.plant("a clock that is not set", "TIME_UNREADABLE", 4, replace_field("payload.ts", "unset"))
    batch.contradict(3, replace_field("payload.soil.vwc", "1.5"))
    batch.repeat(8)
    return batch


def write_sensor_readings(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a day of reception."""
    for name, records in batch.by_source().items():
        write_json_lines(folder / "files/agriculture" / name, (_envelope(fields) for fields in records))


def _envelope(fields: RecordFields) -> dict[str, Any]:
    text = fields.get("payload")
    found = nest_fields({name: value for name, value in fields.items() if name != "payload"}, numbers=True)
    return {**found, "payload": text or json.dumps(found["payload"])}


def _messages(city: City, rng: Random) -> list[RecordFields]:
    plots, steps = city_farm(city).plots, city.hours // EVERY_H
    found = [_message(city, rng, plots[n], n, step) for n in range(DEVICES) for step in range(steps)]
    for fields in rng.sample(found, _LATE):
        fields["received_at"] = _iso(
            _moment(fields) + timedelta(hours=rng.choice((5, 7, 11)), seconds=rng.randrange(99))
        )
    lost = {id(fields) for fields in rng.sample(found, _LOST)}
    found = [fields for fields in found if id(fields) not in lost]
    twice = [
        {**fields, "received_at": _iso(_moment(fields) + timedelta(seconds=40))} for fields in rng.sample(found, _TWICE)
    ]
    return [*found, *twice]


def _message(city: City, rng: Random, plot: Plot, device: int, step: int) -> RecordFields:
    hour = step * EVERY_H
    at = city.at(hour) - _UTC_PLUS_8 + timedelta(seconds=rng.randrange(1, 30))
    sun = max(0.0, math.sin(math.pi * (city.at(hour).hour - 6) / 12))
    wet = 18 + min(22, 1.2 * city.recent_rain_mm(plot.district, hour))
    return {
        "topic": f"farm/{plot.district.code}/SB{device + 1:03d}/env",
        "qos": "1",
        "received_at": _iso(at + timedelta(milliseconds=rng.randrange(200, 9000))),
        "payload.dev": f"SB{device + 1:03d}",
        "payload.seq": str(step + 1),
        "payload.ts": str(int(at.replace(tzinfo=UTC).timestamp() * 1000)),
        "payload.plot": plot.code,
        "payload.soil.vwc": f"{wet + rng.uniform(-2, 2):.2f}",
        "payload.air.t": f"{6 + 9 * sun + rng.uniform(-1.5, 1.5):.2f}",
        "payload.lux": f"{52_000 * sun * rng.uniform(0.5, 1):.1f}",
    }


def _moment(fields: RecordFields) -> datetime:
    return datetime.strptime(fields["received_at"] or "", "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007


def _iso(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%S}.{at.microsecond // 1000:03d}Z"


def _file(fields: RecordFields) -> str:
    return f"mqtt_{_moment(fields) + _UTC_PLUS_8:%Y%m%d}.jsonl"


def _cut_off(fields: RecordFields, _: Random) -> None:
    """The payload ends in the middle: none of its members can be read."""
    fields["payload"] = json.dumps({"dev": fields["payload.dev"], "seq": int(fields["payload.seq"] or 0)})[:-3]
    for name in [each for each in fields if each.startswith("payload.")]:
        fields[name] = None
