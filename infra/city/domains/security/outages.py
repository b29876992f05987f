"""When devices truly were out: cameras more often in rain, and one whole district while it had no power."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.security.field_devices import CAMERA, FieldDevice, field_devices

_POWERLESS = "990103"
_LENGTHS_MIN = (8, 25, 70, 190, 600, 1900)


@dataclass(frozen=True, slots=True)
class Outage:
    """From ``start`` until ``end``, local time; ``end`` is None if the device was still out when the period ended."""

    device: FieldDevice
    start: datetime
    end: datetime | None

    def minutes(self, city: City) -> float:
        """How long it lasted within the period."""
        return ((self.end or period_end(city)) - self.start).total_seconds() / 60


def period_end(city: City) -> datetime:
    """The midnight after the last day, local time."""
    return city.at(city.hours)


@cache
def true_outages(city: City) -> tuple[Outage, ...]:
    """Every outage; those of one device do not touch."""
    rng, found = city.random("outages"), []
    for device in field_devices():
        found += _outages_of(city, rng, device)
    return tuple(found)


def is_out(city: City, device: FieldDevice, when: datetime) -> bool:
    """Whether the device is out at a moment."""
    return any(each.start <= when < (each.end or period_end(city)) for each in _by_device(city)[device.code])


@cache
def _by_device(city: City) -> dict[str, list[Outage]]:
    found: dict[str, list[Outage]] = {device.code: [] for device in field_devices()}
    for outage in true_outages(city):
        found[outage.device.code].append(outage)
    return found


def _outages_of(city: City, rng: Random, device: FieldDevice) -> list[Outage]:
    spans = [_power_cut(city, rng)] if device.district.code == _POWERLESS else []
    spans += [_span(city, rng, device) for _ in range(rng.choice((0, 0, 1, 1, 2)))]
    kept: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if not kept or start > kept[-1][1] + timedelta(minutes=5):
            kept.append((start, end))
    return [Outage(device, start, end if end < period_end(city) else None) for start, end in kept]


def _power_cut(city: City, rng: Random) -> tuple[datetime, datetime]:
    start = city.at(city.hours // 2 + 3) + timedelta(milliseconds=rng.randrange(20_000))
    return start, start + timedelta(hours=3, milliseconds=rng.randrange(90_000))


def _span(city: City, rng: Random, device: FieldDevice) -> tuple[datetime, datetime]:
    hours = range(6, city.hours)
    wet = [1 + 2 * city.rain_mm(device.district, hour) if device.kind == CAMERA else 1.0 for hour in hours]
    start = city.at(rng.choices(hours, wet)[0]) + timedelta(milliseconds=rng.randrange(3_600_000))
    return start, start + timedelta(milliseconds=round(rng.choice(_LENGTHS_MIN) * rng.uniform(0.8, 1.2) * 60_000))
