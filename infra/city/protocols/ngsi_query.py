"""One condition of the NGSI-LD query language: ``name==value``, also ``!=``, ``>=`` and so on, between equal types."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

_CONDITION = re.compile(r"(?P<name>\w+)(?P<op>==|!=|>=|<=|>|<)(?P<value>[^;|()]+)")
_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


class BadQueryError(ValueError):
    """A query that the broker cannot parse."""


def parse_ngsi_query(query: str | None) -> Callable[[dict[str, Any]], bool]:
    """Whether an entity meets ``query``; raises BadQueryError."""
    if query is None:
        return lambda entity: True
    match = _CONDITION.fullmatch(query)
    if match is None:
        raise BadQueryError(query)
    compare, wanted = _OPERATORS[match["op"]], _value(match["value"])

    def holds(entity: dict[str, Any]) -> bool:
        value = entity.get(match["name"], {}).get("value")
        return type(value) is type(wanted) and compare(value, wanted)

    return holds


def _value(text: str) -> str | float:
    try:
        return float(text)
    except ValueError:
        return text.strip('"')
