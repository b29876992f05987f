"""Random rows for the inputs of marts: few values, so that joins and groups meet; keys as declared."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from citylake.schemas.read.registry import Registry

ROWS = 60
DAY = date(2026, 2, 27)
_TEXTS = ("", " a", "上海市 浦东", "é", "e\u0301", "𝒜x", "B;c")
_DAYS = (date(2024, 2, 29), date(2026, 3, 29), date(2025, 12, 31))
_CLOCKS = (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2025, 12, 31, 16, tzinfo=UTC))
_DOUBLES = (float("nan"), -float("nan"), float("inf"), -float("inf"), -0.0, 1e-9, 1e15, 0.15)
_BIG = (2**53 + 1, -(2**40), -3)


@dataclass
class RandomRows:
    """Rows of one seed. ``odd``: with texts, days and numbers that real rows seldom have, in some columns.

    ``seen``: the kinds of odd values that have been given.
    """

    seed: int
    odd: bool
    literals: Mapping[str, list[str]] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)

    def of(self, name: str, shape: Mapping[str, str], key: tuple[str, ...]) -> list[dict[str, Any]]:
        """Rows of the input ``name``, without nulls in its key, and no key twice."""
        chance = random.Random(f"{self.seed} {name} {self.odd}")
        strange = {column for column in shape if self.odd and chance.random() < 0.3}
        rows: dict[Any, dict[str, Any]] = {}
        for at in range(ROWS):
            row = {column: self._value(chance, column, kind, column in strange) for column, kind in shape.items()}
            for column in key:
                while row.get(column) is None and column in shape:
                    row[column] = self._value(chance, column, shape[column], strange=False)
            rows[tuple(row.get(column) for column in key) if key else at] = row
        return list(rows.values())

    def _value(self, chance: random.Random, column: str, kind: str, strange: bool) -> Any:
        if chance.random() < 0.08:
            return self._told("null", None)
        if strange and chance.random() < 0.25 and (odd := _odd_values(kind)):
            return self._told(kind, chance.choice(odd))
        return _plain_value(chance, column, kind, self.literals.get(column, []))

    def _told(self, kind: str, value: Any) -> Any:
        told = {"nan": "NaN", "inf": "infinity", "-inf": "infinity"}.get(str(value), kind)
        self.seen.add(told)
        return value


def _odd_values(kind: str) -> tuple[Any, ...]:
    if kind.startswith("TIMESTAMP"):
        return _CLOCKS
    return {"VARCHAR": _TEXTS, "DOUBLE": _DOUBLES, "BIGINT": _BIG, "DATE": _DAYS}.get(kind, ())


def _plain_value(chance: random.Random, column: str, kind: str, literals: list[str]) -> Any:
    if "year" in column:
        return "2026" if kind == "VARCHAR" else 2026
    if kind == "VARCHAR":
        return chance.choice([*literals, *literals, "1", "2", "3", "990101", "990102"])
    if kind == "BOOLEAN":
        return chance.random() < 0.5
    if kind == "DATE":
        return DAY + timedelta(chance.randrange(4))
    if kind.startswith("TIMESTAMP"):
        found = datetime(2026, 2, 27, tzinfo=UTC) + timedelta(seconds=60 * chance.randrange(4 * 1440))
        return found.replace(minute=0) if column == "hour_start" else found
    if kind == "TIME":
        return f"{chance.randrange(24):02}:00:00"
    if kind == "BLOB":
        return b"x"
    if kind.startswith("DECIMAL"):
        return Decimal(chance.randrange(-20, 400)) / 20
    return chance.choice([0, 1, 2, 5, 10, 35.5, 50.25, 115]) if kind == "DOUBLE" else chance.randrange(6)


def literals_of(selects: Iterable[str]) -> dict[str, list[str]]:
    """The texts with which SELECTs compare a column, by its name: so some rows are those that a SELECT is about."""
    found: dict[str, set[str]] = {}
    for sql in selects:
        for column, listed in re.findall(r"(\w+)\s*(?:=|IN)\s*\(?((?:'[^']*'(?:,\s*)?)+)", sql):
            found.setdefault(column, set()).update(re.findall(r"'([^']*)'", listed))
    return {column: sorted(texts) for column, texts in found.items()}


def key_of(registry: Registry, mart: str, parts: tuple[str, ...]) -> tuple[str, ...]:
    """The columns that are unique together in an input: a dataset's key, or the grain of a mart's table."""
    if len(parts) == 2:
        contract = registry.contracts.get(".".join(parts))
        return contract.write.key if contract is not None else ()
    owner = mart if len(parts) == 1 else parts[1]
    return registry.marts[owner].tables[parts[-1]].grain
