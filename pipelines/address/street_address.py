"""An English street address as its parts: number, direction, street, type, unit."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, fields
from functools import lru_cache

DIRECTIONS = {
    "NORTH": "N", "SOUTH": "S", "EAST": "E", "WEST": "W",
    "NORTHEAST": "NE", "NORTHWEST": "NW", "SOUTHEAST": "SE", "SOUTHWEST": "SW",
}  # fmt: skip
TYPES = {
    "ALLEY": "ALY", "AV": "AVE", "AVENUE": "AVE", "BOULEVARD": "BLVD", "BL": "BLVD", "BV": "BLVD", "CIRCLE": "CIR",
    "COURT": "CT", "DRIVE": "DR", "EXPRESSWAY": "EXPY", "HIGHWAY": "HWY", "LANE": "LN", "PARKWAY": "PKWY",
    "PKY": "PKWY", "PLACE": "PL", "PLAZA": "PLZ", "ROAD": "RD", "SQUARE": "SQ", "STREET": "ST", "STR": "ST",
    "TERRACE": "TER", "TRAIL": "TRL", "WY": "WAY",
}  # fmt: skip
"""Spellings of street types and their abbreviations, as the postal service of the United States writes them."""
_SHORT_TYPES = {*TYPES.values(), "WAY"}
_WORDS = (
    {"SAINT": "ST"}
    | {short: long for long, short in DIRECTIONS.items()}
    | dict(
        zip(
            ("FIRST", "SECOND", "THIRD", "FOURTH", "FIFTH", "SIXTH", "SEVENTH", "EIGHTH", "NINTH", "TENTH"),
            ("1ST", "2ND", "3RD", "4TH", "5TH", "6TH", "7TH", "8TH", "9TH", "10TH"),
            strict=True,
        )
    )
)
_DIRECTIONS = {*DIRECTIONS.values()}
_SIGNS = re.compile(r"[^0-9A-Z#\- ]+")
_NUMBER = re.compile(r"^(\d+)(?: ?- ?(\d+))?([A-Z])?(?:\s+1/2)?(?= |$)")
_UNIT = re.compile(
    r"(?:^| )(?:#|(?:SUITE|STE|UNIT|APT|APARTMENT|ROOM|RM|FLOOR|FLR|FL|BSMT|LOWER LEVEL)\b)\s*#?\s*([0-9A-Z\-]*)"
    r"|(?:^| )(\d+(?:ST|ND|RD|TH) (?:FL|FLR|FLOOR))(?= |$)"
)


@dataclass(frozen=True, slots=True)
class StreetAddress:
    """The parts of an address in capitals and with short types, each empty if it is not there."""

    number: str = ""
    """The house number; of a range (1201-1205), the first."""
    direction: str = ""
    street: str = ""
    kind: str = ""
    """The type: AVE, ST, …"""
    suffix: str = ""
    """A direction after the type."""
    unit: str = ""
    rest: str = ""
    """What stands before or after the street: a town, a post box, the name of a building."""

    @property
    def text(self) -> str:
        """The whole address in one spelling."""
        return f"{self.key}, {self.rest}" if self.rest else self.key

    @property
    def key(self) -> str:
        """The address without its ``rest``."""
        return f"{self.street_key} # {self.unit}" if self.unit else self.street_key

    @property
    def house(self) -> str:
        """Number, direction and name without the type, which many lists leave out (``1504 S ALBANY``)."""
        return " ".join(part for part in (self.number, self.direction, self.street) if part)

    @property
    def street_key(self) -> str:
        """Without the unit: the same for all units of one house."""
        parts = (self.number, self.direction, self.street, self.kind, self.suffix)
        return " ".join(part for part in parts if part)


@lru_cache(maxsize=65_536)
def standardise_street_address(text: str) -> StreetAddress:
    """The parts of an English street address. Never fails: what is no number, direction, type or unit is the street."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().upper().replace("1/2", " ")
    line, town = _street_line(plain.replace("'", ""))
    left = " ".join(_SIGNS.sub(" ", line).split())
    unit = _UNIT.search(left)
    if unit:
        left = left[: unit.start()]
    number = _NUMBER.match(left)
    words = (left[number.end() :] if number else left).split()
    found = (unit[1] or unit[2] or "") if unit else ""
    return _named(words, (number[1] + (number[3] or "")).lstrip("0") if number else "", _short_unit(found), town)


def _street_line(text: str) -> tuple[str, str]:
    """The line that begins with a house number, with its unit, and what else is written (a town, a post box)."""
    parts = [part.strip() for part in re.split(r"[\n\r,;]+", text) if part.strip()]
    start = next((place for place, part in enumerate(parts) if part[0].isdigit()), 0)
    end = start + 1
    while end < len(parts) and _UNIT.match(_SIGNS.sub(" ", parts[end])):
        end += 1
    return " ".join(parts[start:end]), " ".join(parts[:start] + parts[end:])


def _named(words: list[str], number: str, unit: str, town: str) -> StreetAddress:
    direction = _taken(words, 0) if len(words) > 1 and not (len(words) == 2 and _kind(words[1])) else ""
    words, after = _until_kind(words)
    suffix = _taken(after, 0) if after else ""
    if after and not unit and after[0][-1:].isdigit():
        unit = _short_unit(after.pop(0))
    kind = _kind(words[-1]) if len(words) > 1 else ""
    street = [_WORDS.get(word, word) for word in (words[:-1] if kind else words)]
    rest = " ".join((*after, *_SIGNS.sub(" ", town).split()))
    return StreetAddress(number, direction, " ".join(street), kind, suffix, unit, rest)


def _until_kind(words: list[str]) -> tuple[list[str], list[str]]:
    """The words to the street's type, and those after it; a name that begins with a type (AVENUE L) is no end."""
    for place, word in enumerate(words[1:], start=1):
        if _kind(word) and not (place + 1 < len(words) and _kind(words[place + 1])):
            return words[: place + 1], words[place + 1 :]
    return words, []


def _kind(word: str) -> str:
    short = TYPES.get(word, word)
    return short if short in _SHORT_TYPES else ""


def _taken(words: list[str], place: int) -> str:
    """The direction at ``place``, removed from ``words``; empty if another word is there."""
    short = DIRECTIONS.get(words[place], words[place])
    return DIRECTIONS.get(words.pop(place), short) if short in _DIRECTIONS else ""


def _short_unit(text: str) -> str:
    return re.sub(r"(\d+)(?:ST|ND|RD|TH) .*", r"\1", text).lstrip("0")


STREET_PARTS = tuple(each.name for each in fields(StreetAddress))
"""The names of the parts."""
