"""The devices as they truly are: 36 cameras, the gates of 24 schools, and two sensors in each of 12 shops."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from random import Random

from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.generate.schools import School, city_schools

CAMERA, GATE, THERMOMETER, DOOR = "camera", "gate", "thermometer", "door"
_CAMERAS, _SCHOOLS, _SHOPS = 6, 4, 2
"""In each district."""
_SCHOOL_HOURS = {"幼儿园": ("07:30", "17:30"), "高中": ("06:30", "22:00")}
_OTHER_SCHOOLS = ("07:00", "18:30")


@dataclass(frozen=True, slots=True)
class FieldDevice:
    """One device. ``hours``: opening and closing time of its site; None: a public place."""

    code: str
    kind: str
    district: District
    site: str
    hours: tuple[str, str] | None
    longitude_deg: float
    latitude_deg: float
    """WGS-84."""


def gated_schools() -> list[School]:
    """The schools whose gates count: four a district."""
    return [school for school in city_schools() if int(school.code[-4:]) <= _SCHOOLS]


def school_hours(school: School) -> tuple[str, str]:
    """When a school's gate opens and closes."""
    return _SCHOOL_HOURS.get(school.kind, _OTHER_SCHOOLS)


def gate_code(school: School) -> str:
    """The device at the gate of a school."""
    return f"XM{school.code}"


@cache
def field_devices() -> tuple[FieldDevice, ...]:
    """Every device that is in use, in order of the codes of each kind."""
    return (*_cameras(), *_gates(), *_shop_sensors())


def _cameras() -> Iterator[FieldDevice]:
    for district in DISTRICTS:
        for number in range(1, _CAMERAS + 1):
            code = f"SX{district.code}{number:03d}"
            yield FieldDevice(code, CAMERA, district, f"GG{district.code}{number:02d}", None, *_spot(code, district))


def _gates() -> Iterator[FieldDevice]:
    for school in gated_schools():
        place = (school.longitude_deg, school.latitude_deg)
        yield FieldDevice(gate_code(school), GATE, school.district, school.code, school_hours(school), *place)


def _shop_sensors() -> Iterator[FieldDevice]:
    for district in DISTRICTS:
        for number in range(1, _SHOPS + 1):
            shop = f"MD{district.code}{number:02d}"
            for kind, prefix in ((THERMOMETER, "WD"), (DOOR, "MC")):
                yield FieldDevice(
                    f"{prefix}{shop[2:]}", kind, district, shop, ("08:00", "22:00"), *_spot(shop, district)
                )


def _spot(name: str, district: District) -> tuple[float, float]:
    rng = Random(f"spot/{name}")
    return district.longitude_deg + rng.uniform(-0.05, 0.05), district.latitude_deg + rng.uniform(-0.04, 0.04)
