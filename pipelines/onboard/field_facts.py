"""The facts of a sample's fields, for the matching engine."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from citylake.pipelines.match.field_proposal import FieldFacts
from citylake.pipelines.onboard.source_sample import SourceSample

_VALUES = 200
_ITEM = re.compile(r"\.\d+(?=\.|$)")
_LIST_ITEMS = 12
"""Columns of one list up to which each may have a meaning: the hours or the months of a wide record."""


def named_fields(columns: Sequence[str]) -> list[str]:
    """The columns without the items of long lists: a vertex or a reading has no name of its own."""
    lists = Counter(_ITEM.sub(".#", name) for name in columns)
    return [name for name in columns if lists[_ITEM.sub(".#", name)] <= _LIST_ITEMS]


def list_pattern(field: str) -> str:
    """The pattern of all items of the list that ``field`` is one of."""
    return _ITEM.sub(".*", field)


def field_values(sample: SourceSample, field: str) -> list[str]:
    """The first distinct values of a field that are not blank."""
    found = sample.rows[field].drop_nulls().unique(maintain_order=True).head(_VALUES).to_list()
    return [value for value in found if value.strip()]


def sample_fields(sample: SourceSample, table: str = "", department: str = "") -> list[FieldFacts]:
    """The facts of every field that has a name of its own."""
    names = named_fields(sample.columns)
    return [
        FieldFacts(
            name,
            values=tuple(field_values(sample, name)),
            rows=sample.rows.height,
            empty=sample.rows[name].null_count(),
            neighbours=tuple(other for other in names if other != name),
            table=table,
            department=department,
        )
        for name in names
    ]
