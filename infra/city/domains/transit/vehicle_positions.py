"""Positions of taxis and coaches: a binary archive of JT/T 808 frames a day, with all that a connection carries."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.transit.zones import Zone, busy_zone
from citylake.infra.city.generate.plant_faults import (
    CityRecord,
    PlantedBatch,
    PlantedFault,
    RecordFields,
    replace_field,
)
from citylake.infra.city.protocols.jt808_frames import (
    jt808_batch,
    jt808_content,
    jt808_frame,
    jt808_position,
    jt808_subpackages,
    micro_degrees,
)

TAXIS, COACHES = 8, 2
_HOURS = range(6, 23)
_MINUTES = (5, 35)
_POSITION, _BATCH, _HEARTBEAT, _LOGIN = 0x0200, 0x0704, 0x0002, 0x0102
_BLIND_AREA = 0.04
_RUNNING, _OUT_OF_SERVICE, _FULL = 3, 16, 0x300
_OVERSPEED, _FATIGUE, _EMERGENCY = 2, 4, 1
FAST_KMH = 80
RAW_LINE = "_line"


def generate_positions(city: City) -> PlantedBatch:
    """Two positions an hour of each vehicle; some are kept in a blind area and sent together."""
    batch = PlantedBatch("transit.vehicle_positions", ("phone", "time", "speed"), city.random("terminals"))
    for day in city.dates:
        for number in range(1, TAXIS + COACHES + 1):
            for hour in _HOURS:
                together = batch.rng.random() < _BLIND_AREA
                for minute in _MINUTES:
                    at = datetime.combine(day, datetime.min.time()) + timedelta(hours=hour, minutes=minute)
                    fields = _fields(city, batch.rng, number, at + timedelta(seconds=batch.rng.randrange(300)))
                    batch.add(f"{day:%Y%m%d}.bin", {**fields, "together": f"{number}/{hour}" if together else ""})
    _spoil(batch)
    return batch


def write_position_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one archive a day: each terminal's login, its positions, and heartbeats between them."""
    for name, records in batch.by_source().items():
        (folder / "files/transit" / name).write_bytes(b"".join(_stream(records)))


def _fields(city: City, rng: Random, number: int, at: datetime) -> RecordFields:
    zone = busy_zone(rng)
    hour = (at.date() - city.start).days * 24 + at.hour
    longitude, latitude = zone.place(rng)
    speed_kmh = _speed_kmh(city, rng, zone, hour, coach=number > TAXIS)
    alarm = _OVERSPEED * (speed_kmh > FAST_KMH) | _FATIGUE * (rng.random() < 0.01) | _EMERGENCY * (rng.random() < 0.003)
    working = rng.random() < 0.96
    loaded = working and rng.random() < 0.45 + 0.3 * city.traffic(zone.district, hour)
    return {
        "phone": f"{19900000000 + number}",
        "time": f"{at:%y%m%d%H%M%S}",
        "longitude": f"{longitude:.6f}",
        "latitude": f"{latitude:.6f}",
        "speed": f"{speed_kmh:.1f}",
        "alarm": f"{alarm}",
        "status": f"{_RUNNING | _OUT_OF_SERVICE * (not working) | _FULL * loaded}",
        "mileage": f"{number * 1000 + hour * 11:.1f}",
        "region": zone.district.code,
    }


def _speed_kmh(city: City, rng: Random, zone: Zone, hour: int, *, coach: bool) -> float:
    free_kmh = 72 if coach else 58
    return round(free_kmh * city.speed_share(zone.district, hour) * rng.uniform(0.2, 1.35), 1)


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a speed beyond every vehicle", "VALUE_OUT_OF_RANGE", 9, replace_field("speed", "6553.5"))
    batch.plant("a latitude beyond the pole", "VALUE_OUT_OF_RANGE", 5, replace_field("latitude", "130.481000"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 6, replace_field("time", "269931080000", "000000000000"))
    batch.plant("no fix, and a place off the coast of Africa", "PLACE_ZERO", 6, _lose_place)
    batch.contradict(5, replace_field("speed", "1.1"))
    batch.repeat(8)
    clean = [record for record in batch.records if not record.spoiled and not record.fields["together"]]
    for number, record in enumerate(batch.rng.sample(clean, 12)):
        _damage(batch, record, number)


def _lose_place(fields: RecordFields, _: Random) -> None:
    fields["longitude"] = fields["latitude"] = "0.000000"


def _damage(batch: PlantedBatch, record: CityRecord, number: int) -> None:
    """A frame with a wrong byte, of a wrong length, or cut within an additional item."""
    content = jt808_content(_POSITION, record.fields["phone"] or "", number, _position(record.fields))
    frame = jt808_frame(content)
    if number % 3 == 0:
        # The serial number is at 10 and 11; no escape can begin or end in these small numbers.
        code, frame = "JT808_CHECKSUM_WRONG", frame[:11] + bytes([frame[11] ^ 0x20]) + frame[12:]
    elif number % 3 == 1:
        code, frame = "JT808_LENGTH_WRONG", jt808_frame(content[:-3])
    else:
        cut = jt808_content(_POSITION, record.fields["phone"] or "", number, _position(record.fields)[:-2])
        code, frame = "JT808_BODY_WRONG", jt808_frame(cut)
    record.fields[RAW_LINE] = frame[1:-1].hex()
    record.spoiled, record.good = True, False
    where: RecordFields = {RAW_LINE: record.fields[RAW_LINE]}
    batch.faults.append(PlantedFault("a damaged frame", (code,), record.source, where))


def _stream(records: list[RecordFields]) -> Iterator[bytes]:
    serial, known = 0, set()
    for key, group in groupby(records, lambda fields: (fields["phone"], fields["together"])):
        phone, together = key[0] or "", key[1]
        each = list(group)
        dated = int(phone[-2:]) % 2 == 0
        serial += 10
        if phone not in known:
            known.add(phone)
            yield jt808_frame(jt808_content(_LOGIN, phone, serial, b"token", dated=dated))
        if together and len(each) > 1:
            body = jt808_batch([_position(fields) for fields in each], resent=True)
            yield from map(jt808_frame, jt808_subpackages(_BATCH, phone, serial + 1, body, 50))
            continue
        for count, fields in enumerate(each):
            if raw := fields.get(RAW_LINE):
                yield b"\x7e" + bytes.fromhex(raw) + b"\x7e"
            else:
                content = jt808_content(_POSITION, phone, (serial + count) % 65536, _position(fields), dated=dated)
                yield jt808_frame(content)
        yield jt808_frame(jt808_content(_HEARTBEAT, phone, (serial + 9) % 65536, b"", dated=dated))


def _position(fields: RecordFields) -> bytes:
    values = {
        "alarm": int(fields["alarm"] or 0),
        "status": int(fields["status"] or 0),
        "latitude": micro_degrees(fields["latitude"] or ""),
        "longitude": micro_degrees(fields["longitude"] or ""),
        "altitude": 8,
        "speed": round(float(fields["speed"] or 0) * 10),
        "direction": 90,
    }
    mileage = round(float(fields["mileage"] or 0) * 10).to_bytes(4)
    return jt808_position(values, fields["time"] or "", {0x01: mileage, 0x30: b"\x1f"})
