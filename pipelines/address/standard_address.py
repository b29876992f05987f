"""A Chinese address as its parts, in one spelling, with a key by which two addresses are compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import lru_cache

from citylake.pipelines.address.address_patterns import BUILDING_UNIT_ROOM, PART_PATTERNS
from citylake.pipelines.address.address_text import plain_address_text


@dataclass(frozen=True, slots=True)
class StandardAddress:
    """The parts of an address, each empty if it is not there; numbers without their unit word.

    ``rest`` is what no part took. Names are as written: ``locate_address`` finds the division that they mean.
    """

    province: str = ""
    city: str = ""
    district: str = ""
    street: str = ""
    """街道、镇或乡."""
    community: str = ""
    road: str = ""
    lane: str = ""
    number: str = ""
    estate: str = ""
    """A housing estate or a named building."""
    building: str = ""
    unit: str = ""
    floor: str = ""
    room: str = ""
    rest: str = ""

    @property
    def text(self) -> str:
        """The whole address in one spelling."""
        above = (self.province, self.city, self.district, self.street, self.community)
        return "".join(name for name in above if name != self.place) + self.key

    @property
    def key(self) -> str:
        """The address from its road on, else from its estate, its community or its street, in one spelling."""
        return self.street_key + self._inside()

    @property
    def street_key(self) -> str:
        """``place`` with lane and house number: the same for all rooms of one house."""
        lane = f"{self.lane}弄" if self.lane else ""
        return self.place + lane + (f"{self.number}号" if self.number else "")

    @property
    def place(self) -> str:
        """What the house number counts along."""
        return self.road or self.estate or self.community or self.street

    def _inside(self) -> str:
        estate = self.estate if self.road else ""
        parts = ((self.building, "幢"), (self.unit, "单元"), (self.floor, "层"), (self.room, "室"))
        return estate + "".join(f"{value}{word}" for value, word in parts if value) + self.rest


@lru_cache(maxsize=65_536)
def standardise_address(text: str) -> StandardAddress:
    """The parts of a Chinese address. Never fails: what is not understood is in ``rest``."""
    left = BUILDING_UNIT_ROOM.sub(r"\1幢\2单元\3室", plain_address_text(text))
    found: dict[str, str] = {}
    for name, pattern in PART_PATTERNS:
        match = None if found.get(name) else pattern.match(left)
        if match:
            found[name], left = _VALUE.get(name, str)(match[1]), left[match.end() :]
    return StandardAddress(**found, rest=left)


def _estate(text: str) -> str:
    return text.removesuffix("小区") if len(text) > len("某小区") else text


_VALUE: dict[str, Callable[[str], str]] = {"number": lambda text: text.replace("号", ""), "estate": _estate}
PARTS = tuple(each.name for each in fields(StandardAddress))
"""The names of the parts, the largest area first."""
