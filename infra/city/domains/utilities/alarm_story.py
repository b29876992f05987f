"""What truly happened to the components: covers that stood open, what leaned, lamps that were out, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import District
from citylake.infra.city.domains.utilities.street_components import COVER, LAMP, Component, components_of

OPEN, TILT, DARK = "1", "2", "3"
"""Kinds of alarm, by the codes of ``utility.alarm_kind``."""
_OPENED = 90
_LIFTED = 30
_OPEN_NOW = 5
_LEANING_NOW = 3
_DARK_NOW = 11


@dataclass(frozen=True, slots=True)
class ComponentAlarm:
    """One alarm in local time; ``ended_at`` is None while it lasts."""

    component: Component
    kind: str
    began_at: datetime
    ended_at: datetime | None

    def lasts_at(self, moment: datetime) -> bool:
        """Whether it lasts at ``moment``."""
        return self.began_at <= moment and (self.ended_at is None or self.ended_at > moment)


@cache
def component_alarms(city: City) -> tuple[ComponentAlarm, ...]:
    """Every alarm of the period, by the time at which it began."""
    rng = city.random("component alarms")
    found = [*_cover_alarms(city, rng), *_flood_alarms(city, rng), *_lamp_alarms(city, rng), *_tilt_alarms(city, rng)]
    return tuple(sorted(found, key=lambda alarm: (alarm.began_at, alarm.component.code)))


def _cover_alarms(city: City, rng: Random) -> Iterator[ComponentAlarm]:
    """Covers are opened for works by day; some are not closed again."""
    covers = _covers(city)[:_OPENED]
    for cover in covers[_OPEN_NOW:]:
        began = _moment(city, rng, city.days - 1, 7, 18)
        yield ComponentAlarm(cover, OPEN, began, began + timedelta(minutes=rng.randint(20, 300)))
    for cover in covers[:_OPEN_NOW]:
        # It was opened and closed before it was left open.
        first = _moment(city, rng, city.days // 2, 7, 18)
        yield ComponentAlarm(cover, OPEN, first, first + timedelta(minutes=rng.randint(20, 300)))
        yield ComponentAlarm(cover, OPEN, _late(city, rng), None)


def _flood_alarms(city: City, rng: Random) -> Iterator[ComponentAlarm]:
    """In the wettest hour of its district, water lifts a cover; it is put back two hours later."""
    for cover in _covers(city)[_OPENED : _OPENED + _LIFTED]:
        began = city.at(_wettest(city, cover.community.district)) + timedelta(seconds=rng.randrange(3600))
        yield ComponentAlarm(cover, OPEN, began, began + timedelta(hours=2))


@cache
def _wettest(city: City, district: District) -> int:
    return max(range(city.hours), key=lambda hour: city.rain_mm(district, hour))


def _covers(city: City) -> list[Component]:
    return city.random("covers").sample(components_of(COVER), _OPENED + _LIFTED)


def _lamp_alarms(city: City, rng: Random) -> Iterator[ComponentAlarm]:
    """Lamps go out at dusk and are repaired by day, most of them after a few days."""
    lamps = rng.sample(components_of(LAMP), 120)
    for lamp in lamps[_DARK_NOW:]:
        began = _moment(city, rng, city.days - 1, 18, 22)
        repaired = city.at(24 * ((began.date() - city.start).days + rng.randint(1, 6))) + timedelta(hours=10)
        last = city.at(city.hours) - timedelta(minutes=30)
        yield ComponentAlarm(lamp, DARK, began, min(repaired, last))
    for lamp in lamps[:_DARK_NOW]:
        yield ComponentAlarm(lamp, DARK, _late(city, rng), None)


def _tilt_alarms(city: City, rng: Random) -> Iterator[ComponentAlarm]:
    poles = rng.sample(components_of(LAMP), 24)
    for pole in poles[_LEANING_NOW:]:
        began = _moment(city, rng, city.days - 2, 0, 23)
        yield ComponentAlarm(pole, TILT, began, began + timedelta(hours=rng.randint(4, 20)))
    for pole in poles[:_LEANING_NOW]:
        yield ComponentAlarm(pole, TILT, _late(city, rng), None)


def _moment(city: City, rng: Random, days: int, first: int, last: int) -> datetime:
    """A time on one of the first ``days`` days, between two hours of the day."""
    hour = 24 * rng.randrange(max(1, days)) + rng.randint(first, last)
    return city.at(hour) + timedelta(seconds=rng.randrange(3600))


def _late(city: City, rng: Random) -> datetime:
    """A time on one of the last three days."""
    return city.at(city.hours - rng.randint(6, 70)) + timedelta(seconds=rng.randrange(3600))
