"""The part of SoQL that clients of city catalogues use: columns, conditions joined by AND, order, limit, offset."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from operator import eq, ge, gt, le, lt
from typing import Any, Self

_CLAUSES = re.compile(r"SELECT (?P<select>.*?)(?: WHERE (?P<where>.*?))?(?: ORDER BY (?P<order>\S+))?", re.S)
_CONDITION = re.compile(r"\(?(?P<name>:?\w+) (?P<sign>>=|<=|>|<|=) '(?P<value>(?:[^']|'')*)'\)?")
_SIGNS = {"=": eq, ">": gt, ">=": ge, "<": lt, "<=": le}
_DEFAULT = 1000

SoqlRow = Mapping[str, Any]


class SoqlError(Exception):
    """A query that the service cannot parse."""

    def __init__(self, clause: str) -> None:
        """Refuse ``clause``."""
        super().__init__(f"Could not parse SoQL query: {clause}")
        self.clause = clause


@dataclass(frozen=True)
class SoqlQuery:
    """A query's clauses."""

    select: str = "*"
    where: str = ""
    order: str = ""
    limit: int = _DEFAULT
    offset: int = 0

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Self:
        """From the parameters of SODA 2.1, without ``$``."""
        numbers = {name: int(given[name]) for name in ("limit", "offset") if name in given}
        return cls(given.get("select", "*"), given.get("where", ""), given.get("order", ""), **numbers)

    @property
    def counts(self) -> bool:
        """Whether the answer is a count."""
        return self.select.startswith("count(*)")

    @property
    def later(self) -> bool:
        """Whether it requests another page than the first."""
        return self.offset > 0 or ":id >" in self.where

    def first_page(self) -> Self:
        """The same query without its offset."""
        return replace(self, offset=0, where=" AND ".join(part for part in _parts(self.where) if ":id >" not in part))

    def columns(self, known: Sequence[str]) -> list[str]:
        """The requested columns; ``*`` means all except system columns, computed regions included."""
        asked = [name.strip() for name in self.select.split(",")]
        if unknown := [name for name in asked if name != "*" and name not in known]:
            raise SoqlError(f"No such column: {unknown[0]}")
        plain = [name for name in known if name[0] != ":" or name.startswith(":@")]
        given = [plain if name == "*" else [name] for name in asked]
        return list(dict.fromkeys(name for names in given for name in names))


def parse_soql(text: str, number: int, size: int) -> SoqlQuery:
    """A query of SODA 3, at page ``number`` from 1."""
    found = _CLAUSES.fullmatch(text)
    if found is None:
        raise SoqlError(text)
    clauses = {name: value or "" for name, value in found.groupdict().items()}
    return SoqlQuery(**clauses, limit=size, offset=(number - 1) * size)


def evaluate_soql(query: SoqlQuery, rows: Sequence[SoqlRow]) -> list[dict[str, Any]]:
    """The rows that ``query`` selects, or their count; without ORDER BY their order is arbitrary."""
    chosen = [row for row in rows if all(_holds(row, condition) for condition in _conditions(query.where))]
    if query.counts:
        latest = {"latest": max((row[":updated_at"] for row in chosen), default=None)}
        return [{"n": len(chosen), **(latest if "max(:updated_at) AS latest" in query.select else {})}]
    ordered = sorted(chosen, key=lambda row: str(row[query.order])) if query.order else chosen[::-1]
    return [dict(row) for row in ordered[query.offset : query.offset + query.limit]]


def _parts(where: str) -> list[str]:
    return where.split(" AND ") if where else []


def _conditions(where: str) -> list[re.Match[str]]:
    found = [_CONDITION.fullmatch(part) for part in _parts(where)]
    if None in found:
        raise SoqlError(where)
    return [condition for condition in found if condition]


def _holds(row: SoqlRow, condition: re.Match[str]) -> bool:
    value = row.get(condition["name"])
    return value is not None and bool(_SIGNS[condition["sign"]](str(value), condition["value"].replace("''", "'")))
