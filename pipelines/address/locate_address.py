"""The division that an address lies in on a day: with its evidence, or ambiguous, or unknown; never a guess."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from citylake.pipelines.address.address_text import plain_address_text
from citylake.pipelines.address.division_register import Division, DivisionRegister
from citylake.pipelines.address.gazetteer import KINDS, Gazetteer
from citylake.pipelines.address.named_division import NamedDivisions, named_divisions
from citylake.pipelines.address.standard_address import standardise_address

ClueKind = Literal["district", "successor", "street", "community", "estate", "road"]
LocationState = Literal["located", "ambiguous", "unknown"]


@dataclass(frozen=True, slots=True)
class AddressClue:
    """A name in the address, and the divisions that it may mean on the day (none: it is not valid then)."""

    kind: ClueKind
    name: str
    codes: frozenset[str]


@dataclass(frozen=True, slots=True)
class AddressLocation:
    """Where an address lies. ``code`` only if ``located``; ``candidates`` if it is ambiguous."""

    state: LocationState
    code: str | None = None
    evidence: tuple[AddressClue, ...] = ()
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AddressLocator:
    """What is known of a city. ``prefecture`` is the city that an address means if it names none.

    With ``follow``, an abolished division stands for its successors on the day; without, it is evidence without a code.
    """

    register: DivisionRegister
    gazetteer: Gazetteer
    prefecture: str = ""
    follow: bool = False

    def locate(self, address: str, on: date) -> AddressLocation:
        """The division at county level on the day ``on``."""
        text = plain_address_text(address)
        head = named_divisions(text, self.register)
        clues = (*self._districts(head, text, on), *self._places(head, text[head.length :], on))
        return _decided(clues, self.gazetteer)

    def _districts(self, head: NamedDivisions, text: str, on: date) -> list[AddressClue]:
        if not head.counties:
            return []
        name = text[: head.length]
        known = head.counties if head.prefecture or head.province else self._meant(head.counties)
        valid = frozenset(each.code for each in known if each.valid(on))
        after = frozenset(code for each in known for code in self.register.at(each, on)) - valid
        if valid or not after or not self.follow:
            return [AddressClue("district", name, valid)]
        return [AddressClue("successor", name, after)]

    def _meant(self, counties: tuple[Division, ...]) -> tuple[Division, ...]:
        """Those of the city; else towns and counties of another one (义乌市). A district alone names no other city."""
        here = tuple(filter(self._in_city, counties))
        return here or tuple(each for each in counties if not each.name.endswith("区"))

    def _in_city(self, division: Division) -> bool:
        return self.prefecture in ("", division.prefecture, division.province)

    def _elsewhere(self, head: NamedDivisions) -> bool:
        """Whether the head names a place outside the city, whose streets the gazetteer does not have."""
        if not self.prefecture:
            return False
        if head.prefecture:
            return head.prefecture != self.prefecture
        home = {self.prefecture, *(each.province for each in self.register.named(self.prefecture))}
        return bool(head.province and head.province not in home) or (
            bool(head.counties) and not any(map(self._in_city, head.counties))
        )

    def _places(self, head: NamedDivisions, rest: str, on: date) -> list[AddressClue]:
        if self._elsewhere(head):
            return []
        parts = standardise_address(rest)
        found = [(kind, name) for kind in KINDS if (name := getattr(parts, kind))]
        clues = [AddressClue(kind, name, self._known(self.gazetteer.codes(kind, name, on), on)) for kind, name in found]
        return [clue for clue in clues if clue.codes]

    def _known(self, codes: Iterable[str], on: date) -> frozenset[str]:
        return frozenset(code for code in codes if self.register.valid(code, on))


def _decided(clues: tuple[AddressClue, ...], gazetteer: Gazetteer) -> AddressLocation:
    deciding = [clue for clue in clues if clue.kind in ("district", "successor") or clue.kind in gazetteer.complete]
    if any(not clue.codes for clue in deciding) or not deciding:
        return AddressLocation("unknown", evidence=clues)
    left = frozenset.intersection(*(clue.codes for clue in deciding))
    if not left:
        return AddressLocation("ambiguous", None, clues, _sorted(clues))
    for clue in clues:
        # A name that is known elsewhere only is no reason against: the list of such names is not whole.
        left = left & clue.codes or left
    if len(left) > 1:
        return AddressLocation("ambiguous", None, clues, tuple(sorted(left)))
    return AddressLocation("located", next(iter(left)), clues)


def _sorted(clues: Iterable[AddressClue]) -> tuple[str, ...]:
    return tuple(sorted(frozenset().union(*(clue.codes for clue in clues))))
