"""The SQL by which a person counts the key values that two departments have in common."""

from __future__ import annotations

from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.pipelines.silo.find_paths import join_sides
from citylake.pipelines.silo.path_sql import table_name
from citylake.schemas.read.registry import Registry


def domain_statement(registry: Registry, left: str, right: str, domain: str) -> str:
    """Return the SELECT of the number of values of ``domain`` that both departments have, over the standard tables."""
    sides = [_values(registry, department, domain) for department in (left, right)]
    return f"SELECT count(*) FROM (\n({sides[0]})\nINTERSECT\n({sides[1]})\n)"


def _values(registry: Registry, department: str, domain: str) -> str:
    selects = [
        f"SELECT CAST({sql_identifier(each.column)} AS VARCHAR) FROM {table_name(side.name)}"
        f" WHERE {sql_identifier(each.column)} IS NOT NULL"
        for name, side in sorted(join_sides(registry).items())
        if side.contract.owner.department == department
        for each in side.columns
        if each.domain == domain and each.kind in ("identifier", "code")
    ]
    return "\nUNION\n".join(selects)
