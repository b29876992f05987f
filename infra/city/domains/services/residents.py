"""Persons of the city who deal with its offices. Their document numbers are of this city alone, and no citizen's."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.plant_faults import widen_digits

_COUNT = 900
_FAMILY, _GIVEN = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨", "安博晨德恩芳光海佳凯岚敏宁平启晴睿思天文欣雅泽知"
_MOVED = 0.07


@dataclass(frozen=True, slots=True)
class Resident:
    """A person: document number, name, and the districts in which they are registered and in which they work."""

    number: str
    name: str
    home: District
    moved_to: District
    """Where they live now; mostly their home."""


def city_residents(city: City) -> list[Resident]:
    """The persons, in order of their numbers."""
    rng, found = city.random("residents"), []
    for number in range(1, _COUNT + 1):
        home = rng.choices(DISTRICTS, [place.bustle for place in DISTRICTS])[0]
        now = rng.choice(DISTRICTS) if rng.random() < _MOVED else home
        name = rng.choice(_FAMILY) + "".join(rng.sample(_GIVEN, rng.randint(1, 2)))
        found.append(Resident(f"LHC{number * 7919 % 1_000_000:06d}{number:04d}X", name, home, now))
    return found


def as_typed(rng: Random, number: str) -> str:
    """A number as someone types it: mostly as it is, else in full-width digits or small letters."""
    draw = rng.random()
    if draw < 0.6:
        return number
    if draw < 0.8:
        return number.lower()
    fields: dict[str, str | None] = {"": number}
    widen_digits("")(fields, rng)
    return fields[""] or ""
