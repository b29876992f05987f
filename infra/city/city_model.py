"""The true state of the city, hour by hour. Each department's data observe it in their own way.

All correlations between departments are here: rush hours fill the roads, NO2 and CO follow traffic by an hour,
and rain slows traffic, removes particles and increases calls to the hotline.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from random import Random

from citylake.infra.city.districts import District

_WASH_PER_MM = 0.045
_MEMORY = 0.965


@dataclass(frozen=True)
class City:
    """The city from ``start``, local midnight, for ``days`` days; the same ``seed`` gives the same city."""

    seed: int = 42
    start: date = date(2026, 2, 23)
    days: int = 14

    @property
    def hours(self) -> int:
        """Number of hours; hour ``0`` begins at 00:00 local time of ``start``."""
        return self.days * 24

    @property
    def dates(self) -> Iterator[date]:
        """Every day of the period."""
        return (self.start + timedelta(days=n) for n in range(self.days))

    def random(self, name: str) -> Random:
        """A random generator for ``name`` alone: a change in one dataset does not change the others."""
        return Random(f"{self.seed}/{self.start}/{self.days}/{name}")

    def at(self, hour: int) -> datetime:
        """Local time at which ``hour`` begins."""
        return datetime.combine(self.start, time()) + timedelta(hours=hour)

    def rain_mm(self, district: District, hour: int) -> float:
        """Rain in ``hour``, mm."""
        if not 0 <= hour < self.hours:
            return 0.0
        return self._city_rain[hour] * district.wetness

    def recent_rain_mm(self, district: District, hour: int) -> float:
        """Rain in ``hour`` and the five hours before it, mm."""
        return sum(self.rain_mm(district, hour - back) for back in range(6))

    def traffic(self, district: District, hour: int) -> float:
        """Traffic load: about 0.05 at night, 1 in a busy district's rush hour."""
        when = self.at(hour)
        shape = _weekend(when.hour) if when.weekday() >= 5 else _weekday(when.hour)
        damped = 1 - 0.10 * min(self.rain_mm(district, hour), 5) / 5
        return shape * damped * (0.55 + 0.45 * district.bustle / 1.45)

    def speed_share(self, district: District, hour: int) -> float:
        """Mean speed as a share of the free-flow speed: full roads and rain slow it."""
        wet = min(self.rain_mm(district, hour), 6) / 6
        return (1 - 0.58 * self.traffic(district, hour) ** 2) * (1 - 0.22 * wet)

    def no2_ugm3(self, district: District, hour: int) -> float:
        """NO2, µg/m³: follows the traffic of the hour before."""
        return 11 + 58 * self.traffic(district, hour - 1)

    def co_mgm3(self, district: District, hour: int) -> float:
        """CO, mg/m³: follows the traffic of the hour before."""
        return 0.32 + 0.75 * self.traffic(district, hour - 1)

    def pm25_ugm3(self, district: District, hour: int) -> float:
        """PM2.5, µg/m³: the city's haze, which rain removes, and a share from traffic."""
        return self._haze[hour] + 9 * self.traffic(district, hour - 1) + 3 * district.bustle

    def o3_ugm3(self, district: District, hour: int) -> float:
        """O3, µg/m³: highest in the early afternoon of a dry day, reduced by fresh NO2."""
        sun = max(0.0, math.sin(math.pi * (self.at(hour).hour - 7) / 13))
        cloud = 0.45 if self.recent_rain_mm(district, hour) > 1 else 1.0
        return max(6.0, 34 + 105 * sun * cloud - 0.35 * self.no2_ugm3(district, hour))

    @cached_property
    def _city_rain(self) -> list[float]:
        rng = self.random("rain")
        amounts = [0.0] * self.hours
        spells = max(1, self.days // 3)
        for spell in range(spells):
            first = int((spell + rng.uniform(0.25, 0.6)) * self.hours / spells)
            length = rng.randint(6, 14)
            peak = rng.uniform(2.5, 9.0)
            for step in range(min(length, self.hours - first)):
                amounts[first + step] = peak * math.sin(math.pi * (step + 0.5) / length) * rng.uniform(0.7, 1.3)
        return amounts

    @cached_property
    def _haze(self) -> list[float]:
        rng = self.random("haze")
        level, levels = 58.0, []
        for hour in range(self.hours):
            level = 60 + (level - 60) * _MEMORY + rng.gauss(0, 3.2)
            level = max(8.0, level * (1 - min(0.5, _WASH_PER_MM * self._city_rain[hour])))
            levels.append(level)
        return levels


def _bell(hour: float, centre: float, width: float) -> float:
    return math.exp(-(((hour - centre) / width) ** 2))


def _weekday(hour: int) -> float:
    return 0.05 + 0.85 * _bell(hour, 7.8, 1.5) + 0.9 * _bell(hour, 17.7, 1.8) + 0.42 * _bell(hour, 13, 3.6)


def _weekend(hour: int) -> float:
    return 0.06 + 0.55 * _bell(hour, 14.5, 4.6) + 0.12 * _bell(hour, 20, 2)
