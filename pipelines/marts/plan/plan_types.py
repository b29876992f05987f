"""Types and constants as DuckDB's JSON of a plan writes them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def type_text(told: Mapping[str, Any] | None) -> str:
    """Return a type as in SQL: ``VARCHAR``, ``DECIMAL(10,2)``, ``VARCHAR[]``, ``STRUCT(a VARCHAR)``; empty for none."""
    if told is None:
        return ""
    name, info = str(told.get("id", "")), told.get("type_info") or {}
    if name == "DECIMAL" and info:
        return f"DECIMAL({info['width']},{info['scale']})"
    if name in ("LIST", "ARRAY") and info:
        return f"{type_text(info['child_type'])}[]"
    if name == "MAP" and info:
        key, value = (each["second"] for each in info["child_type"]["type_info"]["child_types"])
        return f"MAP({type_text(key)}, {type_text(value)})"
    if name in ("STRUCT", "UNION") and info:
        members = (f"{each['first']} {type_text(each['second'])}" for each in info["child_types"])
        return f"{name}({', '.join(members)})"
    return str(info.get("alias") or name)


def constant_value(told: Mapping[str, Any]) -> Any:
    """Return a constant: None, a bool, int, float, Decimal or text, or the list of its children's."""
    if told.get("is_null"):
        return None
    value, kind = told.get("value"), told.get("type") or {}
    if isinstance(value, Mapping):
        children = value.get("children")
        return value if children is None else [constant_value(each) for each in children]
    if kind.get("id") == "DECIMAL" and isinstance(value, int):
        return Decimal(value).scaleb(-kind["type_info"]["scale"])
    return value
