"""Columns matched by valentine: ``python -m benchmarks.peers.valentine METHOD`` reads questions and prints answers.

Both are JSON. Questions: ``{"tables": {name: {column: [value]}}, "asked": [{"name", "values", "table"}]}``. Answers:
for each question its columns of the table, the best first, each ``[column, score]``.
"""

from __future__ import annotations

import json
import sys
import warnings
from typing import Any

import polars as pl
from valentine import valentine_match
from valentine.algorithms import Coma, DistributionBased, JaccardDistanceMatcher, SimilarityFlooding

METHODS: dict[str, Any] = {
    # Without its selection, which keeps only pairs that are near the best of both sides.
    "coma": lambda: Coma(delta=0.0),
    "similarity_flooding": SimilarityFlooding,
    "distribution_based": DistributionBased,
    "jaccard": JaccardDistanceMatcher,
}
_KEPT = 60


def _frame(columns: dict[str, list[str]]) -> pl.DataFrame:
    rows = max(map(len, columns.values()), default=0) or 1
    padded = {name: [*values, *[None] * (rows - len(values))] for name, values in columns.items()}
    return pl.DataFrame(padded, schema=dict.fromkeys(columns, pl.String))


def _answers(method: str, asked: dict[str, list[str]], target: pl.DataFrame) -> dict[str, list[tuple[str, float]]]:
    """One call of the library: all fields of the questions against all columns of the table."""
    ranked: dict[str, list[tuple[str, float]]] = {name: [] for name in asked}
    found = valentine_match([_frame(asked), target], METHODS[method]())
    for pair, score in sorted(found.items(), key=lambda each: -each[1]):
        if len(ranked[pair.source_column]) < _KEPT:
            ranked[pair.source_column].append((pair.target_column, float(score)))
    return ranked


def main() -> None:
    """One call for each table."""
    warnings.simplefilter("ignore")
    given = json.load(sys.stdin)
    answers = {}
    for name, columns in given["tables"].items():
        asked = {each["name"]: each["values"] for each in given["asked"] if each["table"] == name}
        answers[name] = _answers(sys.argv[1], asked, _frame(columns))
    print(json.dumps([answers[each["table"]][each["name"]] for each in given["asked"]], ensure_ascii=False))


if __name__ == "__main__":
    main()
