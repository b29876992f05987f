"""The statement of a path for a person: a LEFT JOIN with every column of both datasets, as a mart may have it."""

from __future__ import annotations

from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.pipelines.silo.join_path import JoinPath
from citylake.pipelines.silo.path_sql import near_condition, table_name
from citylake.schemas.read.contract_columns import elements_by_column
from citylake.schemas.read.registry import Registry


def join_statement(path: JoinPath, registry: Registry) -> str:
    """Return the SELECT. A column of the right side whose name the left side has, too, is named ``<column>_right``."""
    left = list(elements_by_column(registry.contracts[path.left], registry))
    right = list(elements_by_column(registry.contracts[path.right], registry))
    columns = [f"a.{sql_identifier(name)}" for name in left]
    columns += [_right_column(name, left) for name in right]
    listed = ",\n    ".join(columns)
    return f"SELECT\n    {listed}\nFROM {table_name(path.left)} AS a\n{_joins(path)}"


def _right_column(name: str, left: list[str]) -> str:
    taken = f" AS {sql_identifier(f'{name}_right')}" if name in left else ""
    return f"b.{sql_identifier(name)}{taken}"


def _joins(path: JoinPath) -> str:
    if path.register:
        return _register_joins(path)
    return f"LEFT JOIN {table_name(path.right)} AS b\n    ON {row_condition(path)}"


def row_condition(path: JoinPath) -> str:
    """Return the condition by which a row ``a`` meets a row ``b``, without a register."""
    keys = [(pair, pair.keys("left", "a"), pair.keys("right", "b")) for pair in path.pairs]
    if path.kind == "nearest":
        return near_condition([each[0] for _, each, _ in keys], [each[0] for _, _, each in keys])
    return "\n    AND ".join(pair.condition(left, right) for pair, left, right in keys)


def _register_joins(path: JoinPath) -> str:
    step, (pair,) = path.register, path.pairs
    if step is None:
        return ""
    current = f"\n    AND r.{sql_identifier(step.until)} IS NULL" if step.until else ""
    return (
        f"LEFT JOIN {table_name(step.dataset)} AS r\n"
        f"    ON {pair.keys('left', 'a')[0]} = r.{sql_identifier(step.entry.column)}{current}\n"
        f"LEFT JOIN {table_name(path.right)} AS b\n"
        f"    ON r.{sql_identifier(step.exit.column)} = {pair.keys('right', 'b')[0]}"
    )
