"""Messages of devices that number them: some were lost, some came late and out of order, some came twice."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from random import Random

from citylake.infra.city.city_model import City

_UTC_PLUS_8 = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class DeviceMessage:
    """Message ``seq`` of a device in hour ``hour`` of the city; times in UTC, without a zone."""

    device: str
    seq: int
    hour: int
    sent_at: datetime
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Losses:
    """How many messages were lost, came hours late, and came twice."""

    lost: int
    late: int
    twice: int


def device_messages(city: City, rng: Random, devices: list[str], every_h: int, losses: Losses) -> list[DeviceMessage]:
    """What the platform has, in the order of arrival."""
    found = [
        _message(city, rng, device, number, number * every_h)
        for device in devices
        for number in range(city.hours // every_h)
    ]
    for spot in rng.sample(range(len(found)), losses.late):
        late = found[spot].received_at + timedelta(hours=every_h * rng.randint(1, 3), minutes=rng.randint(10, 50))
        found[spot] = replace(found[spot], received_at=late)
    lost = set(rng.sample(range(len(found)), losses.lost))
    found = [message for spot, message in enumerate(found) if spot not in lost]
    again = (
        replace(each, received_at=each.received_at + timedelta(seconds=35)) for each in rng.sample(found, losses.twice)
    )
    return sorted([*found, *again], key=lambda message: (message.received_at, message.device))


def iso(at: datetime) -> str:
    """A time in UTC, ISO 8601 to the second."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _message(city: City, rng: Random, device: str, number: int, hour: int) -> DeviceMessage:
    sent = city.at(hour) - _UTC_PLUS_8 + timedelta(seconds=rng.randrange(5, 50))
    return DeviceMessage(device, number + 1, hour, sent, sent + timedelta(seconds=rng.randrange(1, 25)))
