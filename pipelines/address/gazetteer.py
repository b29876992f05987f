"""A gazetteer (地名词典): a city's streets, communities, estates and roads by name, each with its division."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, get_args

PlaceKind = Literal["street", "community", "estate", "road"]
KINDS: tuple[PlaceKind, ...] = get_args(PlaceKind)
COMPLETE: tuple[PlaceKind, ...] = ("street",)
"""A city has one street or town of a name, and its list is short; the other kinds are seldom listed whole."""
_ENDINGS: Mapping[str, tuple[str, ...]] = {
    "street": ("街道办事处", "街道", "人民政府"),
    "community": ("社区居委会", "社区", "居委会", "村委会"),
    "estate": ("小区",),
    "road": (),
}
_SHORTEST = 2


@dataclass(frozen=True, slots=True)
class GazetteerEntry:
    """A name in a division, from and to a day (both open if null): streets change their district."""

    kind: PlaceKind
    name: str
    code: str
    """The code of the division at county level."""
    valid_from: date | None = None
    valid_to: date | None = None

    def valid(self, on: date) -> bool:
        """Whether it holds on the day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on < self.valid_to)


class Gazetteer:
    """Entries by kind and name.

    Kinds in ``complete`` are listed whole for the city, so that a name in one division lies in that one alone; only
    they decide. The others confirm and narrow: an estate's name that is known from one district may exist in another.
    """

    def __init__(self, entries: Iterable[GazetteerEntry] = (), complete: Collection[PlaceKind] = COMPLETE) -> None:
        self.complete = frozenset(complete)
        self._entries: dict[tuple[PlaceKind, str], list[GazetteerEntry]] = {}
        for each in entries:
            self._entries.setdefault((each.kind, bare_name(each.kind, each.name)), []).append(each)

    def codes(self, kind: PlaceKind, name: str, on: date) -> frozenset[str]:
        """The divisions with a place of this name on the day; empty if none is known."""
        known = self._entries.get((kind, bare_name(kind, name)), ())
        return frozenset(each.code for each in known if each.valid(on))


def gazetteer_from_rows(rows: Iterable[Mapping[str, Any]], complete: Collection[PlaceKind] = COMPLETE) -> Gazetteer:
    """A gazetteer of a table with the columns kind, name, code and, if it has them, valid_from and valid_to (dates)."""
    return Gazetteer(
        (
            GazetteerEntry(row["kind"], row["name"], row["code"], row.get("valid_from"), row.get("valid_to"))
            for row in rows
        ),
        complete,
    )


def bare_name(kind: PlaceKind, name: str) -> str:
    """The name without the word of its kind: 文晖街道 and 文晖街道办事处 are one. Towns (镇) keep theirs."""
    for ending in _ENDINGS[kind]:
        if name.endswith(ending) and len(name) - len(ending) >= _SHORTEST:
            return name.removesuffix(ending)
    return name
