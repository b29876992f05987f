"""Which fields of a source no view shows: workbooks, lists, pages, exports, alerts and logs; only the tables have them.

A field is masked if its element is hidden: of grade L3 or above, personal, or protected by a token or a mask; or if it
is not open and belongs to another department (the element's ``steward``) than the one that owns the dataset. A field
without an element has no grade: it is masked where another field of the dataset is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from citylake.pipelines.conform.bind.bound_column import bind_columns, required_fields
from citylake.pipelines.lake.ledger.json_text import to_json_text
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry

MASK = "●●●"


@dataclass(frozen=True, slots=True)
class MaskedFields:
    """The masked fields and columns of one dataset."""

    fields: frozenset[str]
    columns: frozenset[str]
    shown: frozenset[str]
    """The fields that are bound to elements and may be shown."""
    open_columns: frozenset[str] = frozenset()
    """The columns of which values may be shown."""

    def hides(self, field: str) -> bool:
        """Whether the values of a source's field are masked."""
        return field in self.fields or (bool(self.fields) and field not in self.shown)

    def mask_values(self, reasons: pl.LazyFrame) -> pl.LazyFrame:
        """Return reasons (``field``, ``value``, ``detail``) without values that are not of columns to be shown."""
        if not self.fields:
            return reasons
        hidden = ~pl.col("field").is_in(list(self.open_columns)).fill_null(value=False)
        quoted = hidden & pl.col("detail").str.contains(pl.col("value"), literal=True).fill_null(value=False)
        unnamed = pl.col("field").is_null() & pl.col("detail").is_not_null()
        return reasons.with_columns(
            pl.when(hidden & pl.col("value").is_not_null()).then(pl.lit(MASK)).otherwise("value").alias("value"),
            pl.when(quoted | unnamed).then(pl.lit(MASK)).otherwise("detail").alias("detail"),
        )

    def mask_row(self, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Return a row of the source without the values of masked fields."""
        return {field: MASK if value and self.hides(field) else value for field, value in raw.items()}

    def mask_key(self, key: str | None) -> str | None:
        """Return a row's key (JSON by column) without the values of masked columns."""
        if key is None or not self.fields:
            return key
        return to_json_text({name: MASK if name in self.columns else each for name, each in json.loads(key).items()})

    def mask_reason(self, reason: Mapping[str, Any], raw: Mapping[str, str | None]) -> dict[str, Any]:
        """Return the reason without the values of masked fields; ``raw``: the row's fields."""
        if not self.fields:
            return dict(reason)
        hidden = reason["field"] in self.columns or not reason["field"]
        secret = [value for field, value in raw.items() if value and self.hides(field)]
        leaks = {name: any(value in (reason[name] or "") for value in secret) for name in ("value", "detail")}
        leaks["value"] |= hidden
        return {**reason, **{name: MASK for name, leak in leaks.items() if leak and reason[name]}}


def masked_fields(contract: Contract, registry: Registry) -> MaskedFields:
    """Return what no view of a dataset shows."""
    known = {name: binding for name, binding in contract.fields.items() if binding.element in registry.elements}
    bounds = bind_columns(contract.model_copy(update={"fields": known}), registry)
    masked = [bound for bound in bounds if _is_masked(bound.element, contract.owner.department)]
    fields = frozenset(name for bound in masked for name in required_fields(bound))
    shown = frozenset(name for bound in bounds for name in required_fields(bound)) - fields
    columns = frozenset(bound.column for bound in masked)
    return MaskedFields(fields, columns, shown, frozenset(bound.column for bound in bounds) - columns)


def _is_masked(element: DataElement, department: str) -> bool:
    known = element.sensitivity
    foreign = element.steward is not None and element.steward != department
    return known.hidden or (known.openness != "open" and foreign)
