"""Arrow columns as text without loss."""

from __future__ import annotations

import json
from decimal import Decimal
from math import isfinite
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

_UUID = r"^(.{8})(.{4})(.{4})(.{4})(.{12})$"


def arrow_to_text(column: pa.Array) -> pl.Series:
    """``column`` as text, null if there is no value; raises ``pa.ArrowInvalid`` if a value has no text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return arrow_to_text(column.dictionary_decode())
    if isinstance(kind, pa.UuidType):
        return _hexadecimal(column.storage).str.replace(_UUID, "$1-$2-$3-$4-$5")
    if isinstance(kind, pa.BaseExtensionType):
        return arrow_to_text(column.storage)
    if pa.types.is_nested(kind):
        return pl.Series(map(_dump_json, pc.cast(column, _json_safe_type(kind)).to_pylist()), dtype=pl.String)
    if _is_bytes(kind):
        return _hexadecimal(column)
    return pl.Series(pl.from_arrow(_cast_to_text(column)))


def _cast_to_text(column: pa.Array) -> pa.Array:
    kind = column.type
    if pa.types.is_duration(kind):
        counted = column.cast(pa.int64()).cast(pa.string())
        return pc.binary_join_element_wise(counted, pa.scalar(kind.unit), "")
    text = pc.cast(column, pa.string())
    # Text from another program may be invalid UTF-8.
    text.validate(full=True)
    if pa.types.is_decimal(kind):
        return _plain_decimals(text)
    # A date that no calendar has is "<value out of range: 2147483647>", which no format of a time reads.
    return text


def _plain_decimals(text: pa.Array) -> pa.Array:
    """Decimals without an exponent: Arrow writes 0.0000001 as 1E-7."""
    powers = pc.match_substring(text, "E")
    if not pc.any(powers).as_py():
        return text
    return pa.array([value and f"{Decimal(value):f}" for value in text.to_pylist()], pa.string())


def _is_bytes(kind: pa.DataType) -> bool:
    tests = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary, pa.types.is_binary_view)
    return any(test(kind) for test in tests)


def _hexadecimal(column: pa.Array) -> pl.Series:
    return pl.Series(pl.from_arrow(column.cast(pa.large_binary()))).bin.encode("hex")


def _json_safe_type(kind: pa.DataType) -> pa.DataType:
    """The nested type, with text in place of types that JSON does not have: decimals, dates and times."""
    if pa.types.is_struct(kind):
        return pa.struct([pa.field(each.name, _json_safe_type(each.type)) for each in kind])
    if pa.types.is_map(kind):
        return pa.map_(_json_safe_type(kind.key_type), _json_safe_type(kind.item_type))
    if pa.types.is_nested(kind):
        return pa.list_(_json_safe_type(kind.value_type))
    return pa.string() if pa.types.is_decimal(kind) or pa.types.is_temporal(kind) else kind


def _dump_json(value: Any) -> str | None:
    """Maps become lists of pairs, in order; bytes become hexadecimal; NaN and infinities become text."""
    if value is None:
        return None
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, default=bytes.hex)
    except ValueError:
        return json.dumps(_nonfinite_as_text(value), ensure_ascii=False, default=bytes.hex)


def _nonfinite_as_text(value: Any) -> Any:
    if isinstance(value, float) and not isfinite(value):
        return str(value)
    if isinstance(value, dict):
        return {name: _nonfinite_as_text(each) for name, each in value.items()}
    return [_nonfinite_as_text(each) for each in value] if isinstance(value, list | tuple) else value
