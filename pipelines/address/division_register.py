"""The register of divisions: names, days of validity and successors of each code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from citylake.schemas.model.code_list import CodeList

COUNTY, PREFECTURE, PROVINCE = "3", "2", "1"
"""Levels, as in the code list place.division_level."""
_SUCCESSOR = re.compile(r"\s*([^\[\],;\s]+)\s*(\[[^\]]*\])?")


@dataclass(frozen=True, slots=True)
class Division:
    """One code during one span of days; ``valid_to`` is the first day after it."""

    code: str
    name: str
    level: str = COUNTY
    province: str = ""
    prefecture: str = ""
    valid_from: date | None = None
    valid_to: date | None = None
    successors: tuple[str, ...] = ()
    """The codes that the division became when it ended; empty while it exists."""
    aliases: tuple[str, ...] = ()

    def valid(self, on: date) -> bool:
        """Whether it exists on the day."""
        return (self.valid_from is None or self.valid_from <= on) and (self.valid_to is None or on < self.valid_to)


class DivisionRegister:
    """Divisions by code and by name, at any day."""

    def __init__(self, divisions: Iterable[Division]) -> None:
        self._by_code: dict[str, list[Division]] = {}
        self._by_name: dict[str, list[Division]] = {}
        for each in divisions:
            self._by_code.setdefault(each.code, []).append(each)
            for name in {each.name, *each.aliases}:
                self._by_name.setdefault(name, []).append(each)
        self.longest_name = max(map(len, self._by_name), default=0)

    def named(self, name: str) -> tuple[Division, ...]:
        """Every division that has, or had, this whole name."""
        return tuple(self._by_name.get(name, ()))

    def valid(self, code: str, on: date) -> Division | None:
        """The division that has the code on the day."""
        return next((each for each in self._by_code.get(code, ()) if each.valid(on)), None)

    def at(self, division: Division, on: date) -> frozenset[str]:
        """The codes that ``division`` became, directly or over several changes, and that are valid on the day.

        Empty if the day is before the division, or if its successors are not in the register.
        """
        found: set[str] = set()
        waiting, seen = [division], {division}
        while waiting:
            each = waiting.pop()
            if each.valid(on):
                found.add(each.code)
            elif each.valid_to is not None and each.valid_to <= on:
                after = [next_ for code in each.successors for next_ in self._since(code, each.valid_to)]
                waiting += [next_ for next_ in after if next_ not in seen]
                seen.update(after)
        return frozenset(found)

    def _since(self, code: str, day: date) -> list[Division]:
        return [each for each in self._by_code.get(code, ()) if each.valid_to is None or each.valid_to > day]


def register_from_rows(rows: Iterable[Mapping[str, Any]]) -> DivisionRegister:
    """A register of the rows of a dataset like ``place.divisions``.

    Columns: division_code, division_name, division_level, province_name, prefecture_name, valid_from, valid_to (dates
    or null) and successor_codes (text or list).
    """
    return DivisionRegister(
        Division(
            code=row["division_code"],
            name=row["division_name"],
            level=row["division_level"],
            province=row["province_name"] or "",
            prefecture=row["prefecture_name"] or "",
            valid_from=row["valid_from"],
            valid_to=row["valid_to"],
            successors=final_successors(row["successor_codes"]) if row["valid_to"] else (),
        )
        for row in rows
    )


def register_from_codes(codes: CodeList, city: str) -> DivisionRegister:
    """A register of a list of one city's districts, such as ``city.region``; ``city`` is its name in full.

    Aliases count if they are whole names (开发区): a short one (临江) is a road's name as well.
    """
    districts = [
        Division(
            code=value.code,
            name=value.name.zh,
            prefecture=city,
            valid_from=value.valid_from,
            valid_to=value.valid_to,
            successors=value.successors,
            aliases=tuple(alias for alias in value.aliases if alias.endswith(("区", "县", "市", "旗"))),
        )
        for value in codes.values
    ]
    return DivisionRegister([Division(districts[0].code[:4] + "00", city, PREFECTURE, prefecture=city), *districts])


def final_successors(text: str | Iterable[str] | None) -> tuple[str, ...]:
    """The codes of ``330102[1996];330102;330114`` that a division became at its end: those without a year.

    A year in brackets says that a part was given away earlier; if all have one, all are returned.
    """
    joined = text if isinstance(text, str) else ";".join(text or ())
    found = [(match[1], match[2]) for match in _SUCCESSOR.finditer(joined)]
    final = [code for code, year in found if not year] or [code for code, _ in found]
    return tuple(dict.fromkeys(final))
