"""Tables of counts with their totals, hidden as a mart hides them, and a reader who tries to compute what is hidden."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import duckdb
import numpy as np
from scipy.optimize import linprog

from citylake.pipelines.marts.suppress.suppressed_tables import find_hidden_rows, write_suppressed_tables
from citylake.schemas.model.mart import Mart

TOTAL = "total"
Codes = tuple[str, ...]


def declare(
    tables: Mapping[str, Any], grains: Mapping[str, Sequence[str]], counts: Sequence[str], timeout: str = "1h"
) -> Mart:
    """A mart with these ``suppress`` by table."""
    text = {"text": {"zh": "甲", "en": "a"}}
    declared = {
        name: {
            "title": {"zh": "表", "en": "table"},
            "grain": list(grains[name]),
            "columns": dict.fromkeys((*grains[name], *counts), text),
            "suppress": rule,
        }
        for name, rule in tables.items()
    }
    title = {"zh": "库", "en": "mart"}
    words = {"title": title, "audience": title, "timeout": timeout}
    return Mart.model_validate({"mart": "cases", **words, "tables": declared})


def with_totals(inner: Mapping[Codes, int]) -> dict[Codes, int]:
    """The counts and all their totals over any of the dimensions, as GROUP BY CUBE makes them."""
    found: dict[Codes, int] = {}
    for codes, value in inner.items():
        for masked in product((False, True), repeat=len(codes)):
            key = tuple(TOTAL if mask else code for mask, code in zip(masked, codes, strict=True))
            found[key] = found.get(key, 0) + value
    return found


def publish(mart: Mart, tables: Mapping[str, Sequence[tuple[Any, ...]]]) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table as they are published; ``tables``: rows of texts and counts."""
    with duckdb.connect() as connection:
        connection.execute("ATTACH ':memory:' AS exact; ATTACH ':memory:' AS out")
        for name, rows in tables.items():
            grain = mart.tables[name].grain
            kinds = ", ".join(f"{c} {'VARCHAR' if c in grain else 'BIGINT'}" for c in mart.tables[name].columns)
            connection.execute(f"CREATE TABLE exact.{name} ({kinds})")
            values = ", ".join(f"({', '.join(map(repr, row))})" for row in rows)
            connection.execute(f"INSERT INTO exact.{name} VALUES {values}")
        write_suppressed_tables(connection, mart, find_hidden_rows(connection, mart))
        connection.execute("COMMIT")
        return {name: _dicts(connection, f"FROM out.{name}") for name in tables}


def _dicts(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    found = connection.execute(sql)
    names = [each[0] for each in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


@dataclass(frozen=True)
class Reader:
    """Someone who knows what is published (None: hidden), which cells add up, and that a hidden cell is no zero."""

    published: Mapping[Any, int | None]
    sums: Sequence[tuple[Any, Sequence[Any]]]
    least: int = 1

    def interval(self, cell: Any) -> tuple[float, float]:
        """The least and the greatest value that the hidden ``cell`` may have."""
        cells = [each for each, value in self.published.items() if value is None]
        columns = {each: number for number, each in enumerate(cells)}
        rows, right = [], []
        for total, parts in self.sums:
            row, known = np.zeros(len(cells)), 0.0
            for each, sign in [(total, -1), *((part, 1) for part in parts)]:
                value = self.published[each]
                if value is None:
                    row[columns[each]] += sign
                else:
                    known += sign * value
            if row.any():
                rows.append(row)
                right.append(-known)
        goal = np.zeros(len(cells))
        goal[columns[cell]] = 1
        bounds = [(self.least, None)] * len(cells)
        least = self._solve(goal, rows, right, bounds)
        most = self._solve(-goal, rows, right, bounds)
        return least, -most

    @staticmethod
    def _solve(goal: Any, rows: list[Any], right: list[float], bounds: list[Any]) -> float:
        found = linprog(goal, A_eq=rows or None, b_eq=right or None, bounds=bounds, method="highs")
        if found.status in (3, 4):
            return float("-inf")
        assert found.status == 0, found.message
        return float(found.fun)


def cube_sums(cells: Mapping[Codes, Any]) -> list[tuple[Codes, list[Codes]]]:
    """Every total over one dimension, with its parts."""
    sums = []
    for key in cells:
        for dim, code in enumerate(key):
            if code == TOTAL:
                parts = [
                    each
                    for each in cells
                    if each[dim] != TOTAL and each[:dim] + each[dim + 1 :] == key[:dim] + key[dim + 1 :]
                ]
                sums.append((key, parts))
    return sums


def hide_cube(
    inner: Mapping[Codes, int], *, cube: bool = True, timeout: str = "1h", **words: Any
) -> dict[Codes, int | None]:
    """Publish counts under the threshold of 10, with all totals if ``cube``: codes → value, None where it is hidden."""
    dims = [f"d{n}" for n in range(len(next(iter(inner))))]
    rule = {"columns": ["n"], "threshold": 10, "over": dims, "totals": dict.fromkeys(dims, TOTAL), **words}
    rows = [(*codes, value) for codes, value in (with_totals(inner) if cube else inner).items()]
    published = publish(declare({"t": rule}, {"t": dims}, ["n"], timeout), {"t": rows})["t"]
    assert all((row["n"] is None) == row["n_suppressed"] for row in published)
    return {tuple(row[d] for d in dims): row["n"] for row in published}
