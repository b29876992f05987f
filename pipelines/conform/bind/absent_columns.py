"""The columns that a source may lack: rules take them for columns without a value."""

from __future__ import annotations

from collections.abc import Sequence

from citylake.pipelines.conform.bind.bound_column import BoundColumn, bind_columns
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_columns import derived_columns
from citylake.schemas.read.registry import Registry

SQL_TYPES = {
    "string": "VARCHAR",
    "integer": "BIGINT",
    "decimal": "DOUBLE",
    "date": "DATE",
    "datetime": "TIMESTAMPTZ",
    # As in the standard table, a time of day is text.
    "time": "VARCHAR",
    "boolean": "BOOLEAN",
    "binary": "BYTEA",
    "geometry": "BYTEA",
}
"""Type of an element → its name in the SQL of polars."""


def absent_columns(contract: Contract, bounds: Sequence[BoundColumn], registry: Registry) -> dict[str, str]:
    """Column → the null of its type in SQL, for the columns of ``contract`` that ``bounds`` lack.

    A comparison with null is unknown, so that the rule is not broken by it.
    """
    if not contract.rules:
        return {}
    kinds: dict[str, str] = {}
    for bound in bind_columns(contract, registry):
        kinds |= {bound.column: bound.element.type, **derived_columns(bound.column, bound.binding, bound.element)}
    for bound in bounds:
        for name in (bound.column, *derived_columns(bound.column, bound.binding, bound.element)):
            kinds.pop(name, None)
    return {name: f"CAST(NULL AS {SQL_TYPES[kind]})" for name, kind in kinds.items()}
