"""Flat fields as the nested JSON that a department sends."""

from __future__ import annotations

from typing import Any

from citylake.infra.city.generate.plant_faults import RecordFields


def nest_fields(fields: RecordFields, *, numbers: bool = False) -> dict[str, Any]:
    """``{"pos.lon": "1.5"}`` as ``{"pos": {"lon": "1.5"}}``; with ``numbers``, numeric texts become numbers."""
    found: dict[str, Any] = {}
    for path, value in fields.items():
        *parents, name = path.split(".")
        inner = found
        for parent in parents:
            inner = inner.setdefault(parent, {})
        inner[name] = _number(value) if numbers else value
    return found


def _number(value: str | None) -> str | int | float | None:
    if value is None or not value.replace(".", "", 1).removeprefix("-").isdecimal():
        return value
    return float(value) if "." in value else int(value)
