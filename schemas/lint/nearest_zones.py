"""The time zones that a text stands for: an offset, a name in Chinese or of Windows, or a misspelt IANA name."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.base.yaml_reader import read_yaml

_OFFSET = re.compile(r"(?:(?:etc/)?utc|gmt|z)?\s*([+\-−–])\s*(\d{1,2})(?::?(\d{2}))?")
_CHINESE_OFFSET = re.compile(r"([东西])([一二三四五六七八九十]{1,2}|\d{1,2})区")
_DIGITS = "〇一二三四五六七八九十"
# The fixed zones of the IANA database: UTC-12 to UTC+14.
_FIXED_HOURS = range(-12, 15)


def nearest_zones(text: str) -> list[str]:
    """IANA names for ``text``, best first; empty if nothing is similar.

    A fixed offset of UTC+8 is ``Etc/GMT-8``: the signs of these names are reversed (POSIX).
    """
    wanted = unicodedata.normalize("NFKC", text).strip().casefold()
    minutes = _offset_minutes(wanted)
    if minutes is not None:
        return _zones_at(minutes)
    names, place = _zone_names(), wanted.rpartition("/")[2].replace("_", " ")
    for each in (wanted, place):
        if each in names:
            return list(names[each])
    # Neither fixed offsets, which people read with the wrong sign, nor old names without a region.
    regional = (zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    return nearest_words(text.strip().replace(" ", "_"), sorted(regional))


def _offset_minutes(wanted: str) -> int | None:
    """Minutes east of UTC; none if the text is no offset."""
    if found := _OFFSET.fullmatch(wanted):
        sign = 1 if found[1] == "+" else -1
        return sign * (int(found[2]) * 60 + int(found[3] or 0))
    if found := _CHINESE_OFFSET.fullmatch(wanted):
        return (1 if found[1] == "东" else -1) * 60 * _chinese_number(found[2])
    return None


def _chinese_number(text: str) -> int:
    if text.isdecimal():
        return int(text)
    return sum(map(_DIGITS.index, text))


def _zones_at(minutes: int) -> list[str]:
    place = _declared_zones()["offsets"].get(str(minutes))
    hours, rest = divmod(minutes, 60)
    fixed = [f"Etc/GMT{-hours:+d}"] if not rest and hours and hours in _FIXED_HOURS else []
    return [*([place] if place else []), *fixed]


@cache
def _zone_names() -> Mapping[str, tuple[str, ...]]:
    declared = _declared_zones()
    one = {name: (zone,) for zone, names in declared["names"].items() for name in names}
    return one | {name: tuple(zones) for name, zones in declared["several"].items()}


@cache
def _declared_zones() -> Mapping[str, Any]:
    zones: Mapping[str, Any] = read_yaml(Path(__file__).with_name("zone_names.yaml"))
    return zones
