"""Who truly fell ill, and how long the report took: also those whose report comes only after the period."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.plant_faults import poisson_number

WEEKS_BEFORE = 6
"""The cases begin so many weeks before the city's period: a reporting delay needs a history."""
LONGEST_DELAY_DAYS = 14
_DELAYS = (30, 24, 15, 10, 7, 4.5, 3, 2, 1.4, 1, 0.7, 0.5, 0.4, 0.3, 0.2)
_INFLUENZA = "流行性感冒"
_DAILY_RATES = {
    _INFLUENZA: 2.2,
    "肺结核": 0.25,
    "流行性腮腺炎": 0.15,
    "猩红热": 0.2,
    "手足口病": 1.0,
    "其他感染性腹泻病": 0.9,
    "痢疾": 0.1,
    "登革热": 0.02,
    "布鲁氏菌病": 0.03,
    "病毒性肝炎": 0.35,
    "梅毒": 0.25,
}
"""Cases a day in a district of mean size."""


@dataclass(frozen=True, slots=True)
class IllPerson:
    """A case: the day of onset, the days until its report, where the person lives, and the disease."""

    number: int
    onset: date
    delay_days: int
    district: District
    disease: str

    @property
    def reported(self) -> date:
        """The day of the report."""
        return self.onset + timedelta(days=self.delay_days)


def last_day(city: City) -> date:
    """The last day of the period: reports of later days are not delivered."""
    return city.start + timedelta(days=city.days - 1)


def first_day(city: City) -> date:
    """The first day of onset."""
    return city.start - timedelta(weeks=WEEKS_BEFORE)


def watch_days(city: City) -> Iterator[date]:
    """The four weeks up to the last day, of which there are visits, sales and settlements."""
    return (last_day(city) - timedelta(days=27 - n) for n in range(28))


def spread(city: City, day: date) -> float:
    """How much more influenza than usual there is on ``day``: 1 before the epidemic, near 4 at its height."""
    return 1 + 3 / (1 + math.exp((9 - (day - city.start).days) / 2.5))


@cache
def ill_persons(city: City) -> tuple[IllPerson, ...]:
    """Everyone who truly fell ill, in order of the days of onset."""
    return tuple(_ill_persons(city))


def _ill_persons(city: City) -> Iterator[IllPerson]:
    rng, number = city.random("epidemic"), 0
    for offset in range((last_day(city) - first_day(city)).days + 1):
        day = first_day(city) + timedelta(days=offset)
        for district in DISTRICTS:
            for disease, rate in _DAILY_RATES.items():
                grown = rate * district.bustle * (spread(city, day) if disease == _INFLUENZA else 1)
                for _ in range(poisson_number(rng, grown)):
                    number += 1
                    delay = rng.choices(range(LONGEST_DELAY_DAYS + 1), _DELAYS)[0]
                    yield IllPerson(number, day, delay, district, disease)
