"""Broken rules of a row as a bit mask: one UInt64 word holds 64 rules."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_

import polars as pl

from citylake.quality.rules.row_rule import RowRule

WORD_BITS = 64


def pack_rule_words(rules: Sequence[RowRule], prefix: str) -> list[pl.Expr]:
    """Return the mask columns ``<prefix>0``, ``<prefix>1``, …: bit i of word w is set if rule 64·w+i is broken."""
    return [
        _word(rules[start : start + WORD_BITS]).alias(f"{prefix}{number}")
        for number, start in enumerate(range(0, max(len(rules), 1), WORD_BITS))
    ]


def _word(rules: Sequence[RowRule]) -> pl.Expr:
    # Much cheaper than a choice between two literals.
    bits = [
        rule.broken.fill_null(value=False).cast(pl.UInt64) * pl.lit(1 << place, pl.UInt64)
        for place, rule in enumerate(rules)
    ]
    return reduce(or_, bits) if bits else pl.lit(0, pl.UInt64)


def any_rule_broken(rules: Sequence[RowRule]) -> pl.Expr:
    """Return a Boolean, never null: whether any rule is broken.

    Cheaper than the mask words, which are then computed only for the few rows that break a rule.
    """
    if not rules:
        return pl.lit(value=False)
    return pl.any_horizontal([rule.broken for rule in rules]).fill_null(value=False)


def is_rule_broken(number: int, prefix: str) -> pl.Expr:
    """Return a Boolean: whether rule ``number`` is set in the mask columns."""
    word, place = divmod(number, WORD_BITS)
    return (pl.col(f"{prefix}{word}") & pl.lit(1 << place, pl.UInt64)) != 0
