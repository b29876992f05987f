"""The true power of the city's grid, MW: what its sources give, its feeders take, its storage moves, and what is lost.

In three hours of one evening a building site takes power past every meter: nothing in the data says so but the balance.
"""

from __future__ import annotations

import math
from datetime import datetime, timedelta
from functools import lru_cache

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District

ENERGY_DAYS = 7
"""The energy departments deliver the last days of the city's period."""
PLANTS = (
    ("PV01", "PV", 9.0, DISTRICTS[2]),
    ("PV02", "PV", 6.5, DISTRICTS[3]),
    ("PV03", "PV", 4.0, DISTRICTS[5]),
    ("WT01", "WIND", 12.0, DISTRICTS[2]),
    ("WT02", "WIND", 8.0, DISTRICTS[3]),
)
"""Code, kind, capacity in MW and district."""
STORAGES = (("ES01", 4.0, 10.0), ("ES02", 2.5, 6.0), ("ES03", 2.0, 5.0))
"""Code, greatest power in MW and capacity in MWh."""
TIE_LINES = (("LH-T1", 0.62), ("LH-T2", 0.38))
"""Code, and share of the exchange."""
_LOSS = 0.022
_UNMETERED_MW = 7.5
_UNMETERED_HOURS = (18, 19, 20)


def energy_hours(city: City) -> range:
    """The hours of the city for which there are energy data."""
    return range(max(0, city.hours - ENERGY_DAYS * 24), city.hours)


def load_mw(city: City, district: District, quarter: int) -> float:
    """Load of a district's feeder in a quarter of an hour, counted from the city's start."""
    when = city.at(0) + timedelta(minutes=15 * quarter)
    clock = when.hour + when.minute / 60
    shape = 0.55 + 0.30 * _bell(clock, 11, 3.2) + 0.42 * _bell(clock, 19.3, 2.6)
    weekend = 0.9 if when.weekday() >= 5 else 1.0
    wet = 1 + 0.02 * min(city.rain_mm(district, quarter // 4), 5)
    return 17 * district.bustle * shape * weekend * wet


def generation_mw(city: City, plant: str, hour: int) -> float:
    """Mean power that a plant gives in an hour."""
    _, kind, capacity, district = next(each for each in PLANTS if each[0] == plant)
    clock = city.at(hour).hour + 0.5
    if kind == "PV":
        cloud = 0.3 if city.recent_rain_mm(district, hour) > 1 else 0.86
        return capacity * cloud * max(0.0, math.sin(math.pi * (clock - 6) / 12))
    return capacity * (0.42 + 0.25 * math.sin(hour / 9 + len(plant)) + 0.12 * math.sin(hour / 3.1))


def storage_mw(storage: str, when: datetime) -> float:
    """Power of a storage station: it charges by night (positive) and discharges in the evening (negative)."""
    greatest = next(power for code, power, _ in STORAGES if code == storage)
    if 1 <= when.hour < 4:
        return 0.8 * greatest
    return -0.7 * greatest if 18 <= when.hour < 21 else 0.0


def charge_pct(storage: str, when: datetime) -> float:
    """State of charge at the end of the quarter that begins at ``when``."""
    power, capacity = next((power, capacity) for code, power, capacity in STORAGES if code == storage)
    charged = min(max(when.hour + when.minute / 60 + 0.25 - 1, 0), 3) * 0.8 * power * 0.875
    spent = min(max(when.hour + when.minute / 60 + 0.25 - 18, 0), 3) * 0.7 * power
    return 10 + 100 * (charged - spent) / capacity * 0.85


@lru_cache(maxsize=1024)
def exchange_mw(city: City, hour: int) -> float:
    """Mean power that comes in over the tie lines in an hour: what is used, stored and lost, less what is generated."""
    used = sum(load_mw(city, district, 4 * hour + part) for district in DISTRICTS for part in range(4)) / 4
    stored = sum(storage_mw(code, city.at(hour)) for code, _, _ in STORAGES)
    generated = sum(generation_mw(city, code, hour) for code, *_ in PLANTS)
    return (used + max(stored, 0)) * (1 + _LOSS) + min(stored, 0) - generated + unmetered_mw(city, hour)


def unmetered_mw(city: City, hour: int) -> float:
    """What the building site takes: nothing but in three hours of the last evening but two."""
    evening = city.days - 3
    return _UNMETERED_MW if hour // 24 == evening and hour % 24 in _UNMETERED_HOURS else 0.0


def _bell(clock: float, centre: float, width: float) -> float:
    return math.exp(-(((clock - centre) / width) ** 2))
