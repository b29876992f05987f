"""The register of devices: one JSON file, English names, points in BD-09, spare devices in store among them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.domains.security.field_devices import CAMERA, FieldDevice, field_devices
from citylake.infra.city.generate.gcj02 import gcj02_to_bd09, wgs84_to_gcj02
from citylake.infra.city.generate.nested_json import nest_fields
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_FILE = "devices.json"
_KEY = ("deviceId", "deviceType", "siteId")
_SPARE = 5
"""Spare cameras in each district's store."""


def generate_devices(city: City) -> PlantedBatch:
    """Devices in use, none of which is spoiled, and spare ones."""
    batch = PlantedBatch("security.devices", _KEY, city.random("devices"))
    for device in field_devices():
        batch.add(_FILE, _fields(city, batch.rng, device)).spoiled = True
    for district in DISTRICTS:
        for number in range(1, _SPARE + 1):
            code, place = f"SX{district.code}9{number:02d}", (district.longitude_deg, district.latitude_deg)
            spare = FieldDevice(code, CAMERA, district, f"CK{district.code}", None, *place)
            batch.add(_FILE, _fields(city, batch.rng, spare) | {"startDate": None})
    _spoil(batch)
    return batch


def write_devices_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the one file."""
    rows = [nest_fields(fields) for fields in batch.of(_FILE)]
    text = json.dumps({"version": "2.1", "devices": rows}, ensure_ascii=False, indent=0)
    (folder / "files/security" / _FILE).write_text(text, encoding="utf-8")


def _fields(city: City, rng: Random, device: FieldDevice) -> RecordFields:
    longitude, latitude = gcj02_to_bd09(*wgs84_to_gcj02(device.longitude_deg, device.latitude_deg))
    opens, closes = device.hours or (None, None)
    return {
        "deviceId": device.code,
        "deviceType": device.kind,
        "district": device.district.short,
        "siteId": device.site,
        "startDate": f"{city.start - timedelta(days=rng.randint(30, 2400)):%Y-%m-%d}",
        "point.lng": f"{longitude:.6f}",
        "point.lat": f"{latitude:.6f}",
        "hours.open": opens,
        "hours.close": closes,
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a class that no list has", "CODE_UNKNOWN", 1, replace_field("deviceType", "drone"))
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 1, replace_field("district", "外市"))
    batch.plant("a day that is none", "TIME_UNREADABLE", 1, replace_field("startDate", "2026-02-30"))
    batch.plant("no number", "REQUIRED_MISSING", 1, replace_field("deviceId", None))
    batch.plant("closes before it opens", "CLOSES_BEFORE_OPENING", 1, _close_early)
    batch.contradict(1, replace_field("siteId", "CK000000"))
    batch.repeat(1)


def _close_early(fields: RecordFields, _: Random) -> None:
    fields["hours.open"], fields["hours.close"] = "18:00", "07:00"
