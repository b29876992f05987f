"""The part of ArcGIS's where clauses that clients need: comparisons of one attribute, joined by AND."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.exceptions import HTTPException

_CLAUSE = re.compile(r"\s*(\w+)\s*(>=|<=|<>|=|>|<)\s*(?:(-?\d+)|(?:TIMESTAMP\s*)?'([^']*)')\s*")
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    "<>": operator.ne,
    "=": operator.eq,
    ">": operator.gt,
    "<": operator.lt,
}

WhereCondition = Callable[[dict[str, Any]], bool]


def parse_where(where: str) -> WhereCondition:
    """Whether attributes meet ``where``; 400 if it cannot be parsed. Null never matches."""
    clauses = [_clause(text) for text in re.split(r"\s+AND\s+", re.sub(r"[()]", "", where))]
    return lambda attributes: all(holds(attributes) for holds in clauses)


def _clause(text: str) -> WhereCondition:
    found = _CLAUSE.fullmatch(text)
    if found is None:
        raise HTTPException(400, "Invalid or missing input parameters.")
    name, sign, number, said = found.groups()
    compare = _COMPARE[sign]
    if name.isdecimal():
        return lambda _: compare(int(name), int(number))
    wanted: Any = int(number) if number is not None else _moment_ms(said) if "TIMESTAMP" in text else said
    return lambda attributes: attributes[name] is not None and compare(attributes[name], wanted)


def _moment_ms(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)
