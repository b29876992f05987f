"""Lossless text of the values of Python drivers, and its conversion back for comparisons."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pyarrow as pa


def _format_elapsed(value: timedelta) -> str:
    """``838:59:59.000001``, as MySQL writes a TIME."""
    us = value // timedelta(microseconds=1)
    seconds, rest = divmod(abs(us), 1_000_000)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
    return ("-" if us < 0 else "") + text + (f".{rest:06d}" if rest else "")


_AS_TEXT: dict[type, Callable[[Any], str]] = {
    str: str,
    bool: lambda value: "true" if value else "false",
    int: str,
    float: repr,
    Decimal: lambda value: f"{value:f}",
    datetime: lambda value: value.isoformat(" "),
    date: date.isoformat,
    time: time.isoformat,
    timedelta: _format_elapsed,
    bytes: bytes.hex,
    bytearray: bytearray.hex,
    memoryview: memoryview.hex,
    UUID: str,
    dict: lambda value: json.dumps(value, ensure_ascii=False, default=value_to_text),
    list: lambda value: json.dumps(value, ensure_ascii=False, default=value_to_text),
}
COMPARABLE_TYPES: Mapping[str, Callable[[str], Any]] = {
    "str": str,
    "int": int,
    "float": float,
    "Decimal": Decimal,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
}
"""Functions from a text to a value to bind, by the name of the type."""


def value_to_text(value: Any) -> str | None:
    """Bytes are hexadecimal, times ISO 8601; raises ``TypeError`` for an unsupported type."""
    if value is None:
        return None
    for kind in type(value).__mro__:
        if kind in _AS_TEXT:
            return _AS_TEXT[kind](value)
    raise TypeError(f"no text for a {type(value).__name__}")


def rows_to_text_batch(names: list[str], rows: list[Any]) -> pa.RecordBatch:
    """Rows as columns of text."""
    columns = zip(*rows, strict=True) if rows else ([] for _ in names)
    arrays = [pa.array([value_to_text(value) for value in column], pa.string()) for column in columns]
    return pa.RecordBatch.from_arrays(arrays, names)
