"""Random rows for the inputs of marts: few values, so that joins and groups meet; keys as declared."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from citylake.schemas.read.registry import Registry

ROWS = 60
DAY = date(2026, 2, 27)
_CODES = ("1", "2", "3", "990101", "990102")
_TEXTS = ("", " a", "上海市 浦东", "é", "e\u0301", "𝒜x", "B;c")
_START = datetime(2026, 2, 27, tzinfo=UTC)
_DAYS = (date(2024, 2, 29), date(2026, 3, 29), date(2025, 12, 31))
_CLOCKS = (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2025, 12, 31, 16, tzinfo=UTC))
_DOUBLES = (float("nan"), -float("nan"), float("inf"), -float("inf"), -0.0, 1e-9, 1e15, 0.15)
_MANY = {"transit.card_taps": 600}
"""Inputs of which only many rows tell something: a group is left out below ten cards."""
_LONG_KEYS = {
    "asset_code", "case_no", "discharge_permit_no", "harvest_no", "lease_no", "message_no", "operation_no", "order_no",
    "organisation_code", "report_card_no", "subdivision_code", "uscc",
}  # fmt: skip
"""Keys of which a table needs more than the few codes with which inputs meet."""
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
        values = telling_values(name, shape)
        codes = self._codes(shape, key)
        for at in range(_MANY.get(name, ROWS)):
            row = {column: self._value(chance, column, kind, column in strange) for column, kind in shape.items()}
            row |= {column: value(chance) for column, value in values.items() if column not in strange}
            for column in key:
                if codes and row.get(column) not in _TEXTS:
                    row[column] = codes[at]
                while row.get(column) is None and column in shape:
                    row[column] = self._value(chance, column, shape[column], strange=False)
            rows[tuple(row.get(column) for column in key) if key else at] = row
        return list(rows.values())

    def _codes(self, shape: Mapping[str, str], key: tuple[str, ...]) -> list[str]:
        """As many texts as there are rows for a key of one text, those of other inputs first; else none."""
        if len(key) != 1 or key[0] not in _LONG_KEYS:
            return []
        return [*dict.fromkeys([*self.literals.get(key[0], []), *_CODES, *map(str, range(ROWS))])]

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
        return chance.choice([*literals, *literals, *_CODES])
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


def telling_values(name: str, shape: Mapping[str, str]) -> dict[str, Callable[[random.Random], Any]]:
    """Column → its plain values, where those by its type alone would leave a mart's table without rows."""
    found: dict[str, Callable[[random.Random], Any]] = {
        # What is valid now has no end.
        "valid_to": lambda chance: chance.choice([None, DAY + timedelta(chance.randrange(4))]),
        # An hour counts with most of its intervals.
        "interval_start": lambda chance: _START + timedelta(minutes=10 * chance.randrange(12)),
        # A policy counts with all of its conditions.
        "policy_code": lambda chance: str(chance.randrange(15)),
        # The kind of an alarm, and whether it begins.
        "component_event": lambda chance: f"{chance.randrange(1, 4)}{chance.randrange(2)}",
    }
    if "interval_start" in shape:
        found["_day"] = lambda chance: DAY
    if "onset_on" in shape:
        # Reports of weeks, of which the first are complete.
        found["onset_on"] = found["_day"] = lambda chance: DAY - timedelta(chance.randrange(35))
    if name == "transit.card_taps":
        found |= {
            "card_no": lambda chance: str(chance.randrange(12)),
            "observed_at": lambda chance: _START + timedelta(minutes=chance.randrange(60)),
            "_day": lambda chance: DAY,
        }
    return {column: value for column, value in found.items() if column in shape}


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
