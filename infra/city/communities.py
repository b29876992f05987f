"""The streets, communities and grids of the city as they are at the end of its period.

Codes are those of the districts with digits added: a street has nine digits, a community twelve, a grid fifteen.
Some streets have their code only since a day within the period: see :attr:`Street.since`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District

COMMUNITIES_A_STREET = 4
GRIDS_A_COMMUNITY = 3

_STREETS = (
    ("990101", ("001", "江湾街道"), ("002", "钟楼街道"), ("003", "望江街道")),
    ("990102", ("001", "湖滨街道"), ("002", "书院街道"), ("003", "学林街道")),
    ("990103", ("001", "松岭街道"), ("002", "岭下街道"), ("100", "石泉镇")),
    ("990104", ("001", "南浦街道"), ("002", "渔港街道"), ("100", "盐田镇")),
    ("990105", ("001", "西苑街道"), ("002", "竹溪街道"), ("003", "茶亭街道")),
    ("990106", ("001", "软件园街道"), ("002", "星湖街道"), ("003", "云帆街道")),
)
_CHANGED = frozenset({"990102003", "990103002", "990106003"})
_FIRST = "春明安和康兴德文永新福锦"
_SECOND = "晖源苑桥园里"


@dataclass(frozen=True, slots=True)
class Street:
    """A street (subdistrict) or town. ``changed``: its code is valid only since :func:`division_change_day`."""

    code: str
    name: str
    district: District
    changed: bool

    def since(self, city: City) -> date | None:
        """The day from which the code is valid; None: it is older than the city's period."""
        return division_change_day(city) if self.changed else None


@dataclass(frozen=True, slots=True)
class Community:
    """A community. ``residents``: persons who live there; the place is WGS-84."""

    code: str
    name: str
    street: Street
    longitude_deg: float
    latitude_deg: float
    residents: int

    @property
    def district(self) -> District:
        """The district of its street."""
        return self.street.district


@dataclass(frozen=True, slots=True)
class Grid:
    """A grid, the smallest area that one member of the grid staff looks after."""

    code: str
    name: str
    community: Community

    @property
    def district(self) -> District:
        """The district of its community."""
        return self.community.district


def division_change_day(city: City) -> date:
    """The day on which streets were split, merged, renamed and moved: the middle of the period."""
    return city.start + timedelta(days=city.days // 2)


def _street_rows() -> list[Street]:
    by_code = {district.code: district for district in DISTRICTS}
    return [
        Street(district + digits, name, by_code[district], district + digits in _CHANGED)
        for district, *streets in _STREETS
        for digits, name in streets
    ]


def _community(street: Street, number: int, name: str) -> Community:
    code = f"{street.code}{number:03d}"
    rng = Random(f"community/{code}")
    spot = street.district
    return Community(
        code,
        f"{name}社区",
        street,
        round(spot.longitude_deg + rng.uniform(-0.05, 0.05), 6),
        round(spot.latitude_deg + rng.uniform(-0.04, 0.04), 6),
        rng.randint(3200, 9800),
    )


def _community_rows() -> list[Community]:
    names = iter([first + second for second in _SECOND for first in _FIRST])
    return [
        _community(street, number, next(names)) for street in STREETS for number in range(1, COMMUNITIES_A_STREET + 1)
    ]


STREETS = tuple(_street_rows())
COMMUNITIES = tuple(_community_rows())
GRIDS = tuple(
    Grid(f"{community.code}{number:03d}", f"{community.name}第{number}网格", community)
    for community in COMMUNITIES
    for number in range(1, GRIDS_A_COMMUNITY + 1)
)
