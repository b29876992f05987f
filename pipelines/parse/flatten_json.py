"""A nested record as flat columns: members joined by dots, list items by their index, a geometry of GeoJSON as one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from citylake.pipelines.parse.geojson_text import geojson_geometry_text
from citylake.pipelines.parse.json_lists import rows_of_columns, split_columns
from citylake.pipelines.parse.json_stream import RepeatedMemberError
from citylake.pipelines.parse.parse_limits import BATCH_CHARS, BATCH_PLACES, BATCH_ROWS
from citylake.pipelines.parse.read_request import text_schema
from citylake.pipelines.parse.record_frame import RecordFrame

FlatRow = dict[str, str | None]
_VERTICES = ("coordinates", "geometries")


class NoListError(Exception):
    """There is no list at the path to explode."""


def flatten_record(record: Any, explode: str | None) -> Iterator[FlatRow]:
    """The rows of one record; raises RepeatedMemberError, or NoListError if ``explode`` is absent."""
    if explode is None:
        yield flatten_value(record)
        return
    yield from _explode_list(record, explode.split("."), "")


def flatten_columns(record: Any, path: str) -> Iterator[FlatRow]:
    """The rows of a record whose object at ``path`` has the columns of a table; raises like :func:`flatten_record`.

    Raises UnevenColumnsError.
    """
    table = _table_at(record, path)
    outer = flatten_value(record, skip=path)
    for row in rows_of_columns(table):
        yield outer | flatten_value(row, path)


def frames_of_columns(record: Any, path: str) -> Iterator[RecordFrame] | None:
    """The rows of :func:`flatten_columns` made as columns, in pieces of bounded size; raises alike.

    None if they must be made one by one, because an item is an object or a list.
    """
    table, fixed = _table_at(record, path), flatten_value(record, skip=path)
    same, lists = split_columns(table)
    inner = flatten_value(same, path)
    leaves = {f"{path}.{name}": items for name, items in lists.items()}
    if not any(leaves.values()) or inner.keys() & leaves or any(map(_has_nested, leaves.values())):
        return None
    return _sliced_columns(fixed | inner, leaves)


def _sliced_columns(fixed: FlatRow, lists: Mapping[str, Sequence[Any]]) -> Iterator[RecordFrame]:
    """A member beside the table may have a list's name: the list is in its place."""
    names = list(dict.fromkeys((*fixed, *lists)))
    chars = sum(len(text) for text in fixed.values() if text)
    step = max(1, min(BATCH_ROWS, BATCH_PLACES // len(names), BATCH_CHARS // max(chars, 1)))
    for at in range(0, len(next(iter(lists.values()))), step):
        texts = {name: [*map(_leaf_text, items[at : at + step])] for name, items in lists.items()}
        count = len(next(iter(texts.values())))
        made = {name: texts.get(name) or [fixed[name]] * count for name in names}
        yield RecordFrame(pl.DataFrame(made, schema=text_schema(names)), count * len(names))


def _table_at(record: Any, path: str) -> Mapping[str, Any]:
    table = record
    for key in path.split("."):
        if not isinstance(table, dict) or key not in table:
            raise NoListError(path)
        table = table[key]
    if not isinstance(table, dict):
        raise NoListError(path)
    return table


def _has_nested(items: Sequence[Any]) -> bool:
    return not {dict, list}.isdisjoint(map(type, items))


def flatten_value(value: Any, prefix: str = "", skip: str | None = None) -> FlatRow:
    """Every leaf of ``value`` as text; a bare value is the column ``value``. Empty lists and objects give no column.

    A geometry of GeoJSON is one column with its own text, beside its ``.type``; a point has ``.coordinates.0`` and
    ``.1`` too.
    """
    row: FlatRow = {}
    _flatten_into(row, value, prefix, skip)
    return row


def _flatten_into(row: FlatRow, value: Any, path: str, skip: str | None) -> None:
    if skip is not None and path == skip:
        return
    if isinstance(value, dict):
        geometry = geojson_geometry_text(value) if path and not _within(skip, path) else None
        for name, member in value.items():
            if geometry is not None and name in _VERTICES and value["type"] != "Point":
                continue
            inner = f"{path}.{name}" if path else name
            # Most members are leaves: a call for each of them would take as long as all the rest.
            if type(member) is str and inner and inner != skip and inner not in row:
                row[inner] = member
            else:
                _flatten_into(row, member, inner, skip)
        if geometry is not None:
            _flatten_into(row, geometry, path, skip)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _flatten_into(row, item, f"{path}.{index}" if path else str(index), skip)
    else:
        column = path or "value"
        if column in row:
            raise RepeatedMemberError(column)
        row[column] = _leaf_text(value)


def _within(skip: str | None, path: str) -> bool:
    """Whether the list that is exploded is part of the value at ``path``, as its vertices may be."""
    return skip is not None and skip.startswith(f"{path}.")


def _leaf_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _explode_list(value: Any, keys: Sequence[str], path: str) -> Iterator[FlatRow]:
    """One row for every item of the list at ``keys``; lists on the path are exploded too, also items without rows."""
    if value is None:
        return
    if not keys:
        yield from (flatten_value(item, path) for item in (value if isinstance(value, list) else [value]))
    elif isinstance(value, list):
        for item in value:
            yield from list(_explode_list(item, keys, path)) or [
                flatten_value(item, path, skip=".".join((path, *keys)))
            ]
    elif isinstance(value, dict) and keys[0] in value:
        inner = f"{path}.{keys[0]}" if path else keys[0]
        outer = flatten_value(value, path, skip=inner)
        for row in _explode_list(value[keys[0]], keys[1:], inner):
            yield outer | row
    else:
        raise NoListError(path, *keys)
