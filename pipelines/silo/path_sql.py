"""The SQL of a path: the keys of both sides, how they meet, and the statement for a person."""

from __future__ import annotations

from typing import Final

from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.pipelines.silo.join_path import NEAREST_KM, JoinPath, RegisterStep, Side

_ALIASES: Final[tuple[tuple[Side, str], ...]] = (("left", "a"), ("right", "b"))
_KM_PER_DEGREE: Final = 111.195
"""Of a sphere of 6,371 km, the mean radius of the Earth."""


def table_name(dataset: str) -> str:
    """Return a dataset as the name of its view."""
    return sql_identifier(*dataset.split("."))


def key_expressions(path: JoinPath, side: Side, alias: str) -> list[str]:
    """Return the SQL expressions of a side's key, pair by pair."""
    return [each for pair in path.pairs for each in pair.keys(side, alias)]


def needed_expressions(path: JoinPath, side: Side, alias: str) -> list[str]:
    """Return those of a side's key that a row must have to meet any other. An entry may have no end."""
    return [pair.keys(side, alias)[0] for pair in path.pairs]


def keys_select(path: JoinPath, side: Side, where: str = "") -> str:
    """Return the SELECT of a side's distinct keys ``k0``, ``k1``, … with their rows ``n``."""
    dataset = path.left if side == "left" else path.right
    named = ", ".join(f"{each} AS k{at}" for at, each in enumerate(key_expressions(path, side, "t")))
    known = " AND ".join(f"{each} IS NOT NULL" for each in needed_expressions(path, side, "t"))
    return f"SELECT {named}, count(*) AS n FROM {table_name(dataset)} AS t WHERE {known}{where} GROUP BY ALL"


def keys_condition(path: JoinPath) -> str:
    """Return the condition by which the keys ``a`` and ``b`` of :func:`keys_select` meet, without a register."""
    if path.kind == "nearest":
        return near_condition(["a.k0", "a.k1"], ["b.k0", "b.k1"])
    conditions, at = [], [0, 0]
    for pair in path.pairs:
        sides = []
        for number, (side, alias) in enumerate(_ALIASES):
            count = len(pair.keys(side, alias))
            sides.append([f"{alias}.k{at[number] + each}" for each in range(count)])
            at[number] += count
        conditions.append(pair.condition(*sides))
    return " AND ".join(conditions)


def meeting_select(path: JoinPath) -> str:
    """Return the SELECT of the keys that meet: ``a_id``, ``b_id`` and the rows ``an`` and ``bn`` of each."""
    columns = "a.rowid AS a_id, b.rowid AS b_id, a.n AS an, b.n AS bn"
    if path.register is None:
        return f"SELECT {columns} FROM a JOIN b ON {keys_condition(path)}"
    return (
        f"SELECT DISTINCT {columns} FROM a JOIN ({register_select(path.register)}) AS r ON a.k0 = r.entry"
        " JOIN b ON r.leave = b.k0"
    )


def register_select(step: RegisterStep) -> str:
    """Return the SELECT of the pairs of values that a register has."""
    entry, leave = sql_identifier(step.entry.column), sql_identifier(step.exit.column)
    current = f" AND {sql_identifier(step.until)} IS NULL" if step.until else ""
    return (
        f"SELECT DISTINCT {entry} AS entry, {leave} AS leave FROM {table_name(step.dataset)}"
        f" WHERE {entry} IS NOT NULL AND {leave} IS NOT NULL{current}"
    )


def near_condition(left: list[str], right: list[str]) -> str:
    """Return the condition that two places (longitude, latitude) are within ``NEAREST_KM``, on a sphere."""
    (x1, y1), (x2, y2) = left, right
    reach = NEAREST_KM / _KM_PER_DEGREE
    east = f"({x1} - {x2}) * cos(radians({y1}))"
    return (
        f"{y2} BETWEEN {y1} - {reach:.6f} AND {y1} + {reach:.6f}"
        f" AND sqrt(pow({east}, 2) + pow({y1} - {y2}, 2)) <= {reach:.6f}"
    )
