"""Rules over rows that a person released or discarded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from citylake.pipelines.conform.decisions.decided_rows import DECISION
from citylake.quality.rules.row_rule import RowRule
from citylake.quality.rules.waivable_rules import waivable_codes
from citylake.schemas.model.contract import Contract


def decided_rules(rules: Sequence[RowRule], contract: Contract) -> list[RowRule]:
    """The rules over rows with ``DECISION``.

    A released row passes what can be waived, with warnings instead; what cannot be waived refuses it, and the reason
    RELEASE_NOT_POSSIBLE names it. A discarded row is refused.
    """
    released = (pl.col(DECISION) == "released").fill_null(value=False)
    codes = waivable_codes(contract)
    kept, passed, strict = [], [], []
    for rule in rules:
        if rule.refuses_row and rule.code in codes:
            kept.append(replace(rule, broken=rule.broken & ~released))
            passed.append(replace(rule, broken=rule.broken & released, severity="warning"))
            continue
        kept.append(rule)
        strict += [rule] if rule.refuses_row else []
    return [
        *kept,
        *passed,
        RowRule("ROW_RELEASED", "", released, "warning"),
        *_not_possible(strict, released),
        RowRule("ROW_DISCARDED", "", pl.col(DECISION) == "discarded", by_source=True),
    ]


def _not_possible(strict: Sequence[RowRule], released: pl.Expr) -> list[RowRule]:
    if not strict:
        return []
    broken = pl.any_horizontal([rule.broken for rule in strict]).fill_null(value=False)
    named = [pl.when(rule.broken).then(pl.lit(rule.code)) for rule in strict]
    codes = pl.concat_list(named).list.drop_nulls().list.unique(maintain_order=True).list.join(", ")
    return [RowRule("RELEASE_NOT_POSSIBLE", "", released & broken, detail=codes, by_source=True)]
