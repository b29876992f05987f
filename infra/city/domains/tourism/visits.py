"""How many people are in each venue, hour by hour: working days, rest days, rain, and the planted overloads."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from chinese_calendar import is_workday  # type: ignore[import-untyped]

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.tourism.venues import Venue, venues_on

_REST_FACTOR = 1.75
_MOST_SHARE = 0.93
"""The greatest share of its capacity that a venue reaches where no overload is planted."""
_OVERLOADS = (
    ("LHW04", 5, (11, 12, 13, 14)),
    ("LHW03", 0, (11, 14)),
    ("LHW01", 6, (15, 16, 17, 18)),
    ("LHW07", 12, (10, 11, 12)),
    ("LHW08", 13, (11, 13, 14)),
    ("LHW03", 13, (12, 13)),
)
"""Venue, day from the city's start, and the hours at whose end more people are inside than may be."""


@dataclass(frozen=True, slots=True)
class VenueHour:
    """An hour of a venue: who comes, who leaves, and who is inside at its end."""

    venue: Venue
    day: date
    hour: int
    entries: int
    exits: int
    inside: int


def planted_overloads(city: City) -> set[tuple[str, date, int]]:
    """Venue, day and hour of each planted overload."""
    days = list(city.dates)
    return {(code, days[day], hour) for code, day, hours in _OVERLOADS if day < len(days) for hour in hours}


@cache
def venue_hours(city: City) -> tuple[VenueHour, ...]:
    """Every open hour of every venue."""
    return tuple(_hours(city))


def _hours(city: City) -> Iterator[VenueHour]:
    rng, overloads = city.random("visits"), planted_overloads(city)
    for number, day in enumerate(city.dates):
        for venue in venues_on(city, day):
            inside = 0
            for hour in range(venue.opens, venue.closes):
                share = _share(city, venue, day, 24 * number + hour) * rng.uniform(0.85, 1.15)
                wanted = round(min(share, _MOST_SHARE) * venue.capacity)
                if (venue.code, day, hour) in overloads:
                    wanted = round(rng.uniform(1.04, 1.28) * venue.capacity)
                if hour == venue.closes - 1:
                    wanted = 0
                exits = max(inside - wanted, round(inside * rng.uniform(0.25, 0.45)))
                entries = wanted - inside + exits
                inside = wanted
                yield VenueHour(venue, day, hour, entries, exits, inside)


def _share(city: City, venue: Venue, day: date, hour: int) -> float:
    clock = hour % 24
    shape = math.exp(-(((clock - 13) / 3.4) ** 2))
    busy = 1.0 if is_workday(day) else _REST_FACTOR
    rain_mm = city.rain_mm(venue.district, hour)
    weather = (1 - 0.6 * min(rain_mm, 4) / 4) if venue.outdoor else (1 + 0.15 * min(rain_mm, 4) / 4)
    return 0.42 * shape * busy * weather
