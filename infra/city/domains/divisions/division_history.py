"""How the city's divisions changed within the period, on one day.

A new street was split off, a town became a street under another code, and one street was made of two, one of them in
another district. Each community keeps its name, and gets the code of its new street.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from citylake.infra.city.city_model import City
from citylake.infra.city.communities import COMMUNITIES, STREETS, Community, division_change_day
from citylake.infra.city.districts import DISTRICTS

CITY_CODE = "990100"
FOUNDED = date(2020, 7, 1)
"""The day since which the older codes are valid."""
_FORMER_STREETS = {
    "990103101": ("岭下镇", "990103", ("990103002",)),
    "990104003": ("云帆街道", "990104", ("990106003",)),
    "990106100": ("渡口镇", "990106", ("990106003",)),
}
_FORMER_COMMUNITIES = {
    "990102003001": "990102002005",
    "990102003002": "990102002006",
    "990102003003": "990102002007",
    "990102003004": "990102002008",
    "990103002001": "990103101001",
    "990103002002": "990103101002",
    "990103002003": "990103101003",
    "990103002004": "990103101004",
    "990106003001": "990104003001",
    "990106003002": "990104003002",
    "990106003003": "990106100001",
    "990106003004": "990106100002",
}
"""Today's code → the code before the change."""


@dataclass(frozen=True, slots=True)
class Division:
    """A row of the register. ``valid_to`` is the first day on which it is gone, None for what is there today."""

    code: str
    name: str
    level: str
    parent: str
    valid_from: date
    valid_to: date | None = None
    successors: tuple[str, ...] = ()


def divisions(city: City) -> list[Division]:
    """Every division of the period, by code."""
    return sorted([*_today(city), *_gone(city)], key=lambda each: each.code)


def community_code_on(city: City, community: Community, day: date) -> str:
    """The code that a community has on ``day``."""
    return (
        community.code if day >= division_change_day(city) else _FORMER_COMMUNITIES.get(community.code, community.code)
    )


def is_recoded(community: Community) -> bool:
    """Whether the change gave the community another code."""
    return community.code in _FORMER_COMMUNITIES


def _today(city: City) -> Iterator[Division]:
    yield Division(CITY_CODE, "澜海市", "2", "", FOUNDED)
    for district in DISTRICTS:
        yield Division(district.code, district.name, "3", CITY_CODE, FOUNDED)
    for street in STREETS:
        yield Division(street.code, street.name, "4", street.district.code, street.since(city) or FOUNDED)
    for community in COMMUNITIES:
        since = community.street.since(city) or FOUNDED
        yield Division(community.code, community.name, "5", community.street.code, since)


def _gone(city: City) -> Iterator[Division]:
    changed = division_change_day(city)
    for code, (name, district, successors) in _FORMER_STREETS.items():
        yield Division(code, name, "4", district, FOUNDED, changed, successors)
    for community in COMMUNITIES:
        before = _FORMER_COMMUNITIES.get(community.code)
        if before:
            yield Division(before, community.name, "5", before[:9], FOUNDED, changed, (community.code,))
