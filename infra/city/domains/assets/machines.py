"""The machines of the coalfield and the assets for events, as they truly are."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

from citylake.infra.city.city_model import City

MACHINES = 40
EVENT_ASSETS = 60
LEASE_DAYS = 180
"""Leases of the last half year before the end of the city's period are delivered."""
KINDS = (
    ("采煤机", "SC", 4),
    ("刮板输送机", "CC", 3),
    ("带式输送机", "BC", 2),
    ("主通风机", "MF", 3),
    ("排水泵", "DP", 1),
)
"""Kind, letters of the code, and machine class."""
CATEGORIES = (("舞台与看台", "ST"), ("LED屏", "LD"), ("音响", "SO"), ("护栏", "BR"), ("发电机", "GN"))


@dataclass(frozen=True, slots=True)
class Machine:
    """A machine: its condition at the start of the period, and how fast it wears."""

    code: str
    kind: str
    machine_class: int
    commissioned_on: date
    interval_h: int
    hours_h: float
    vibration_mms: float
    wear_a_day: float


@dataclass(frozen=True, slots=True)
class EventAsset:
    """An asset for events; ``disposed_on``: None while it is owned."""

    code: str
    category: str
    acquired_on: date
    disposed_on: date | None
    value_cny: int


@lru_cache(maxsize=4)
def machines(city: City) -> tuple[Machine, ...]:
    """Every machine of the coalfield."""
    return tuple(_machines(city))


@lru_cache(maxsize=4)
def event_assets(city: City) -> tuple[EventAsset, ...]:
    """Every asset for events."""
    return tuple(_event_assets(city))


def _machines(city: City) -> Iterator[Machine]:
    rng = city.random("coalfield")
    for number in range(MACHINES):
        kind, letters, group = KINDS[number % len(KINDS)]
        worn = rng.random() < 0.25
        yield Machine(
            code=f"MK-{letters}{number + 1:03d}",
            kind=kind,
            machine_class=group,
            commissioned_on=date(2017, 1, 1) + timedelta(days=rng.randrange(2600)),
            interval_h=rng.choice((500, 750, 1000)),
            hours_h=rng.uniform(3000, 26000),
            vibration_mms=rng.uniform(2.4, 9.0) if worn else rng.uniform(0.5, 2.2),
            wear_a_day=rng.uniform(0.02, 0.2) if worn else rng.uniform(0, 0.02),
        )


def _event_assets(city: City) -> Iterator[EventAsset]:
    rng = city.random("event_assets")
    first, end = city.start - timedelta(days=LEASE_DAYS), city.start + timedelta(days=city.days)
    for number in range(EVENT_ASSETS):
        category, letters = CATEGORIES[number % len(CATEGORIES)]
        gone = rng.random() < 0.12
        yield EventAsset(
            code=f"EV-{letters}{number + 1:03d}",
            category=category,
            acquired_on=first - timedelta(days=rng.randrange(30, 1500)),
            disposed_on=end - timedelta(days=rng.randrange(2, 20)) if gone else None,
            value_cny=rng.randrange(20, 900) * 1000,
        )
