"""The components in the street, as they truly are: manhole covers, street lamps and water valves of each community."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from random import Random

from citylake.infra.city.communities import COMMUNITIES, Community
from citylake.infra.city.districts import DISTRICTS, District


@dataclass(frozen=True, slots=True)
class ComponentKind:
    """A kind of component. ``digits``: its part of the code. ``number``: how many a community has.

    ``interval_d``: the longest time between two inspections.
    """

    name: str
    digits: str
    number: int
    interval_d: int
    owner: str


COVER = ComponentKind("井盖", "0101", 9, 30, "市排水管理处")
LAMP = ComponentKind("路灯", "0118", 8, 90, "市路灯管理所")
VALVE = ComponentKind("供水阀门", "0124", 3, 60, "澜海水务集团")
KINDS = (COVER, LAMP, VALVE)


@dataclass(frozen=True, slots=True)
class Component:
    """One component. ``code`` has sixteen digits: district, kind and a serial number; the place is WGS-84."""

    code: str
    kind: ComponentKind
    community: Community
    built_on: date
    longitude_deg: float
    latitude_deg: float

    @property
    def device_no(self) -> str:
        """The device that watches it."""
        return f"NB{self.code[4:6]}{self.kind.digits[2:]}{self.code[-4:]}"


@cache
def street_components() -> tuple[Component, ...]:
    """Every component, by district and kind."""
    return tuple(component for district in DISTRICTS for kind in KINDS for component in _components_of(district, kind))


def components_of(kind: ComponentKind) -> list[Component]:
    """Every component of a kind."""
    return [component for component in street_components() if component.kind is kind]


def _components_of(district: District, kind: ComponentKind) -> list[Component]:
    rng = Random(f"components/{district.code}/{kind.digits}")
    places = [community for community in COMMUNITIES if community.district is district for _ in range(kind.number)]
    return [_component(rng, kind, community, number) for number, community in enumerate(places, 1)]


def _component(rng: Random, kind: ComponentKind, community: Community, number: int) -> Component:
    return Component(
        f"{community.district.code}{kind.digits}{number:06d}",
        kind,
        community,
        date(1998, 3, 1) + timedelta(days=rng.randrange(9800)),
        round(community.longitude_deg + rng.uniform(-0.006, 0.006), 7),
        round(community.latitude_deg + rng.uniform(-0.005, 0.005), 7),
    )
