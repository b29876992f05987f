"""Scores of a clustering against the true one: pairs, pairs across sources, and B-cubed."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class PairScores:
    """``precision`` and ``recall`` of the pairs of records that are together, with their counts."""

    precision: float
    recall: float
    right: int
    found: int
    true: int


def score_pairs(clusters: pl.DataFrame) -> PairScores:
    """Score the pairs of ``clusters``: one row a record, with ``found`` and ``truth``."""
    right, found, true = (_pairs(clusters, keys) for keys in (["found", "truth"], ["found"], ["truth"]))
    return PairScores(right / max(found, 1), right / max(true, 1), right, found, true)


def score_cross_pairs(clusters: pl.DataFrame) -> PairScores:
    """The same for pairs of records of two sources (column ``source``)."""
    sides = (["found", "truth"], ["found"], ["truth"])
    right, found, true = (_pairs(clusters, keys) - _pairs(clusters, [*keys, "source"]) for keys in sides)
    return PairScores(right / max(found, 1), right / max(true, 1), right, found, true)


def score_b_cubed(clusters: pl.DataFrame) -> tuple[float, float, float]:
    """Return B-cubed precision, recall and F1: the means over records (Bagga and Baldwin, 1998)."""
    shared = pl.len().over("found", "truth")
    means = clusters.select(
        precision=(shared / pl.len().over("found")).mean(), recall=(shared / pl.len().over("truth")).mean()
    )
    precision, recall = means.row(0)
    return precision, recall, 2 * precision * recall / (precision + recall)


def _pairs(clusters: pl.DataFrame, keys: list[str]) -> int:
    sizes = clusters.group_by(keys).len()["len"]
    return int((sizes * (sizes - 1) // 2).sum())
