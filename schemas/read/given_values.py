"""Values of tests, as YAML has them, by the type of their element."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any, Final

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry


def value_fault(value: Any, element: DataElement | None, registry: Registry) -> dict[str, object] | None:
    """Return what is wrong with ``value``: ``expected`` and a ``suggestion``; None if it is one of the element's.

    Without an element, any number, text, date or time is accepted here: DuckDB casts it to the type of its column.
    """
    if value is None:
        return None
    if element is None:
        return {"expected": "text", "suggestion": ""} if isinstance(value, dict) else None
    if not _ACCEPTED[element.type](value):
        quoted = f'"{value}"' if element.type in _TEXTS and not isinstance(value, dict | list) else ""
        return {"expected": f"{element.type} ({element.id})", "suggestion": quoted}
    codes = registry.codes.get(element.codes or "")
    if codes and codes.values and value not in (known := [each.code for each in codes.values]):
        return {"expected": f"{codes.id}", "suggestion": nearest_words(str(value), known)}
    return None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_date(value: Any) -> bool:
    return not isinstance(value, datetime) and (isinstance(value, date) or _reads(date.fromisoformat, value))


def _is_datetime(value: Any) -> bool:
    return isinstance(value, datetime) or (not isinstance(value, date) and _reads(datetime.fromisoformat, value))


def _is_time(value: Any) -> bool:
    return _reads(time.fromisoformat, value)


def _is_hexadecimal(value: Any) -> bool:
    return _reads(bytes.fromhex, value)


def _is_boolean(value: Any) -> bool:
    return isinstance(value, bool)


def _reads(read: Callable[[str], object], value: Any) -> bool:
    try:
        return isinstance(value, str) and read(value) is not None
    except ValueError:
        return False


_TEXTS: Final = ("string", "time", "binary", "geometry")
_ACCEPTED: Final[Mapping[str, Callable[[Any], bool]]] = {
    "string": _is_text,
    "integer": _is_whole,
    "decimal": _is_number,
    "date": _is_date,
    "datetime": _is_datetime,
    "time": _is_time,
    "boolean": _is_boolean,
    "binary": _is_hexadecimal,
    "geometry": _is_hexadecimal,
}
