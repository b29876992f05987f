"""From bits to words: a refused row with all its reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import polars as pl

from pipelines.conform.bound import RAW, Bound
from pipelines.conform.prepare import Prepared
from pipelines.conform.text import shown
from pipelines.keytext import key_text
from quality.rules.mask import is_set, words
from quality.rules.row_rule import RowRule

ERRORS = "_err"
"""Prefix of the words of the mask; rule i of the plan is bit i."""
REPEATED = RowRule("KEY_DUPLICATE", "", pl.col("survivor").is_not_null(), detail=pl.col("survivor"))
"""The key test's own reason: it is no rule over one row."""
_PARTS = ("code", "field", "value", "detail")


def evidence(prepared: Prepared) -> list[pl.Expr]:
    """What a refused row carries until its reasons are written: the mask, and what its source fields do not show."""
    columns = [*words(prepared.rules, ERRORS), key_text(prepared.key).alias("key")]
    for number, rule in enumerate(prepared.rules):
        if rule.value is not None:
            columns.append(rule.value.alias(f"_value{number}"))
        if rule.detail is not None:
            columns.append(rule.detail.alias(f"_detail{number}"))
    return columns


def any_broken(prepared: Prepared) -> pl.Expr:
    """Whether the ``evidence`` names a rule: told by the mask, for to ask every rule once more would cost as much."""
    return pl.any_horizontal(pl.col(f"{ERRORS}{number}") != 0 for number in range(len(words(prepared.rules, ERRORS))))


def refused(bad: pl.LazyFrame, prepared: Prepared, batch: str, at: datetime) -> pl.LazyFrame:
    """The quarantine's rows from the refused rows of the pass (with ``evidence`` and ``survivor``)."""
    raw = [name for name in bad.collect_schema().names() if name.startswith(RAW)]
    fields = pl.struct(pl.col(name).alias(name.removeprefix(RAW)) for name in raw)
    rows = bad.join(_reasons(prepared.drifted.filled(bad), prepared), on="_index", how="left", maintain_order="left")
    return rows.select(
        pl.lit(batch).alias("_batch"),
        *("_receipt", "_part", "_row", "_source"),
        fields.struct.json_encode().alias("raw"),
        *("key", "codes", "reasons"),
        pl.lit("open").alias("state"),
        pl.lit(at, pl.Datetime("us", "UTC")).alias("quarantined_at"),
    )


def _reasons(bad: pl.LazyFrame, prepared: Prepared) -> pl.LazyFrame:
    """``_index``, ``codes`` and ``reasons`` of every refused row: one small frame a rule that was broken."""
    found = pl.concat(list(_by_rule(bad, prepared))).sort("_index", "order")
    return found.group_by("_index", maintain_order=True).agg(
        pl.col("code").unique(maintain_order=True).alias("codes"),
        pl.struct(_PARTS).alias("reasons"),
    )


def _by_rule(bad: pl.LazyFrame, prepared: Prepared) -> Iterator[pl.LazyFrame]:
    by_column = {bound.column: bound for bound in prepared.bounds}
    for number, rule in enumerate(prepared.rules):
        value = pl.col(f"_value{number}") if rule.value is not None else _shown(by_column.get(rule.field))
        detail = pl.lit(rule.detail_text or None, pl.String)
        if rule.detail is not None:
            detail = pl.coalesce(f"_detail{number}", detail)
        yield _reason(bad.filter(is_set(number, ERRORS)), rule, number, value, detail)
    repeated = bad.filter(REPEATED.broken)
    yield _reason(repeated, REPEATED, len(prepared.rules), pl.lit(None, pl.String), pl.col("survivor"))


def _shown(bound: Bound | None) -> pl.Expr:
    return pl.lit(None, pl.String) if bound is None else shown(bound).cast(pl.String)


def _reason(rows: pl.LazyFrame, rule: RowRule, order: int, value: pl.Expr, detail: pl.Expr) -> pl.LazyFrame:
    words_of: Sequence[pl.Expr] = (pl.lit(rule.code), pl.lit(rule.field or None, pl.String), value, detail)
    named = (expr.alias(name) for expr, name in zip(words_of, _PARTS, strict=True))
    return rows.select("_index", pl.lit(order).alias("order"), *named)
