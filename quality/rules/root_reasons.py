"""Which reason of a refused row is the cause: one bad cell gives one reason."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

import polars as pl

from citylake.quality.rules.row_rule import RowRule
from citylake.quality.rules.rule_bitmask import WORD_BITS, is_rule_broken


def root_reason(number: int, rules: Sequence[RowRule], cells: Mapping[str, Collection[str]], prefix: str) -> pl.Expr:
    """Return a Boolean over the mask columns: rule ``number`` is broken, and no broken rule is its cause.

    ``cells``: by column, the source fields that its text is made from.
    """
    words: dict[int, int] = {}
    for cause in _causes(number, rules, cells):
        words[cause // WORD_BITS] = words.get(cause // WORD_BITS, 0) | 1 << cause % WORD_BITS
    caused = [(pl.col(f"{prefix}{word}") & pl.lit(mask, pl.UInt64)) != 0 for word, mask in words.items()]
    broken = is_rule_broken(number, prefix)
    return broken & ~pl.any_horizontal(caused) if caused else broken


def _causes(number: int, rules: Sequence[RowRule], cells: Mapping[str, Collection[str]]) -> Iterator[int]:
    rule = rules[number]
    if rule.by_source:
        return
    for place, other in enumerate(rules):
        if place != number and not other.over and _explains(other, rule, cells, earlier=place < number):
            yield place


def _explains(cause: RowRule, rule: RowRule, cells: Mapping[str, Collection[str]], *, earlier: bool) -> bool:
    if rule.over:
        return cause.field in rule.over and not cause.by_source
    own = set(cells.get(rule.field, ()))
    if cause.by_source:
        return cause.field in own
    if cause.field == rule.field:
        return earlier
    # A refused value keeps a reason of its own, whatever else was made from its cell.
    given = set(cells.get(cause.field, ()))
    return bool(given) and not (rule.refuses or cause.refuses) and (given < own or (given == own and earlier))
