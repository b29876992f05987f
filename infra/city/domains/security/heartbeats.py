"""Heartbeats of devices: JSON lines by day, epoch milliseconds; four polls a day, and a message at each change."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.security.field_devices import THERMOMETER, FieldDevice, field_devices
from citylake.infra.city.domains.security.outages import is_out, true_outages
from citylake.infra.city.generate.json_lines import write_json_lines
from citylake.infra.city.generate.nested_json import nest_fields
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_KEY = ("deviceId", "ts")
_POLL_HOURS = 6
_UTC_PLUS_8 = timedelta(hours=8)


def generate_heartbeats(city: City) -> PlantedBatch:
    """Polls and changes in order of time. Changes are not spoiled: an outage is as exact as they are."""
    batch = PlantedBatch("security.device_heartbeats", _KEY, city.random("heartbeats"))
    beats = [(when, device, is_out(city, device, when), True) for when, device in _polls(city, batch.rng)]
    for outage in true_outages(city):
        beats.append((outage.start, outage.device, True, False))
        if outage.end is not None:
            beats.append((outage.end, outage.device, False, False))
    for when, device, out, polled in sorted(beats, key=lambda beat: (beat[0], beat[1].code)):
        record = batch.add(f"beats_{when:%Y%m%d}.jsonl", _fields(batch.rng, device, when, out))
        record.spoiled = not polled
    _spoil(batch)
    return batch


def write_heartbeat_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one JSON object a line, one file a day."""
    for name, records in batch.by_source().items():
        write_json_lines(folder / "files/security" / name, (nest_fields(fields, numbers=True) for fields in records))


def _polls(city: City, rng: Random) -> Iterator[tuple[datetime, FieldDevice]]:
    for device in field_devices():
        late = timedelta(milliseconds=rng.randrange(60_000))
        for hour in range(0, city.hours, _POLL_HOURS):
            yield city.at(hour) + late, device


def _fields(rng: Random, device: FieldDevice, when: datetime, out: bool) -> RecordFields:
    degrees = f"{rng.gauss(4.2, 0.7):.1f}" if device.kind == THERMOMETER and not out else None
    stamp = (when - _UTC_PLUS_8).replace(tzinfo=UTC)
    return {
        "deviceId": device.code,
        "ts": str((stamp - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)),
        "state": "OFF" if out else "ON",
        "temp": degrees,
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a state that no list has", "CODE_UNKNOWN", 5, replace_field("state", "SLEEP"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 4, replace_field("ts", "yesterday", "never"))
    batch.plant("a temperature beyond every cabinet", "VALUE_OUT_OF_RANGE", 5, replace_field("temp", "850.5"))
    batch.plant("no device", "REQUIRED_MISSING", 3, replace_field("deviceId", None))
    batch.contradict(4, replace_field("state", "OFF"))
    batch.repeat(8)
