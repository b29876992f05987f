"""No silent cast: the type that a SELECT returns is the type of the column's element, or loses nothing on the way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from citylake.pipelines.marts.make.duckdb_types import ELEMENT_DUCKDB_TYPES
from citylake.pipelines.marts.make.mart_plan import TablePlan
from citylake.pipelines.marts.plan.bound_select import BoundSelect
from citylake.pipelines.marts.plan.plan_expressions import PlanExpression
from citylake.pipelines.marts.plan.plan_operators import Projection, expressions_of, walk_operators
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.model.mart import MartTable
from citylake.schemas.read.registry import Registry, YamlLocation

_SMALL: Final = frozenset({"TINYINT", "SMALLINT", "INTEGER", "BIGINT", "UTINYINT", "USMALLINT", "UINTEGER"})
_CHECKED: Final = frozenset({"UBIGINT", "HUGEINT", "UHUGEINT"})
"""Larger than BIGINT: a value that does not fit fails the build, none is changed."""
_REAL: Final = frozenset({"DOUBLE", "FLOAT"})
_REMEDIES: Final = {"BIGINT": "round({name})::BIGINT", "TIMESTAMPTZ": "{name} AT TIME ZONE 'Asia/Shanghai'"}
_UNTYPED: Final = frozenset({"NULL", '"NULL"'})
_EXPLICIT: Final = re.compile(rb"\s*(::|(try_)?cast\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CheckedTable:
    """One table of a mart, with its bound SELECT."""

    name: str
    declared: MartTable
    plan: TablePlan
    bound: BoundSelect

    @property
    def place(self) -> YamlLocation:
        """The file of the SELECT."""
        return YamlLocation(self.plan.file)


def check_types(table: CheckedTable, registry: Registry) -> Iterator[LintFault]:
    """MART_CAST_LOSSY for columns, and MART_CAST_IMPLICIT within the SELECT."""
    for name, column in table.declared.columns.items():
        element = registry.elements.get(column.element or "")
        made = table.bound.columns.get(name)
        if element is None or made is None:
            continue
        stored = "DATE" if name == table.declared.day else ELEMENT_DUCKDB_TYPES[element.type]
        if loss := cast_loss(made, stored):
            values = {"table": table.name, "column": name, "made": made, "element": element.id, "stored": stored}
            right = _REMEDIES.get(stored, "CAST({name} AS {stored})").format(name=name, stored=stored)
            line = _line_of_column(table.bound, name)
            yield LintFault("MART_CAST_LOSSY", table.place, {**values, "loss": loss, "suggestion": right}, line)
    yield from _implicit(table)


def cast_loss(made: str, stored: str) -> str:
    """What a cast from ``made`` to ``stored`` can lose in silence, in a few words; empty if it loses nothing."""
    made = made.replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ")
    kind = made.partition("(")[0]
    if made == stored or kind in _UNTYPED or _widens(kind, stored):
        return ""
    if stored == "BIGINT" and (kind in _REAL or kind == "DECIMAL"):
        return "11.54 → 12" if kind != "DECIMAL" or not made.endswith(",0)") else ""
    if stored == "DATE" and kind.startswith("TIMESTAMP"):
        return "13:30 → 00:00"
    return f"{made} ≠ {stored}"


def _widens(kind: str, stored: str) -> bool:
    """Whether every value of a type has one in the other; what does not fit is an error while the table is built."""
    if stored == "BIGINT":
        return kind in _SMALL | _CHECKED
    if stored == "DOUBLE":
        return kind in _SMALL | _CHECKED | _REAL | {"DECIMAL"}
    if stored == "VARCHAR":
        return kind in ("ENUM", "UUID", "JSON")
    if stored == "TIME":
        return kind in ("VARCHAR", "TIME")
    return stored == "BLOB" and kind in ("WKB_BLOB", "GEOMETRY")


def _line_of_column(bound: BoundSelect, name: str) -> int:
    """The line of a column of the SELECT list, else the last line that names it."""
    top = next((each for each in walk_operators(bound.plan) if isinstance(each, Projection)), None)
    place = list(bound.columns).index(name)
    if top and len(top.expressions) == len(bound.columns) and top.expressions[place].at is not None:
        return bound.line_of(top.expressions[place].at)
    lines = bound.sql.splitlines()
    named = [number for number, line in enumerate(lines, 1) if re.search(rf"\b{re.escape(name)}\b", line)]
    return named[-1] if named else 1


def _implicit(table: CheckedTable) -> Iterator[LintFault]:
    written = table.bound.sql.encode()
    for operator in walk_operators(table.bound.plan):
        for top in expressions_of(operator):
            for each in top.walk():
                if _is_implicit(each, written):
                    name = each.args[0].alias or "?"
                    values = {"file": table.plan.file.name, "column": name, "kind": each.type}
                    yield LintFault("MART_CAST_IMPLICIT", table.place, values, table.bound.line_of(each.at))


def _is_implicit(cast: PlanExpression, written: bytes) -> bool:
    """Whether DuckDB converts a text column to something else, without a word in the SQL."""
    if cast.kind != "cast" or cast.args[0].kind != "column" or cast.args[0].type != "VARCHAR":
        return False
    if cast.type in ("VARCHAR", "JSON") or cast.at is None:
        return False
    return not _EXPLICIT.match(written[cast.at :])
