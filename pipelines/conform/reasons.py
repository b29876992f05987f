"""From bits to words: a refused row with all its reasons."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import polars as pl

from pipelines.conform.bound import RAW, Bound
from pipelines.conform.prepare import ERRORS, Prepared
from pipelines.conform.text import shown
from quality.rules.mask import is_set
from quality.rules.row_rule import RowRule

REASON = pl.Struct({"code": pl.String, "field": pl.String, "value": pl.String, "detail": pl.String})


def evidence(prepared: Prepared) -> list[pl.Expr]:
    """Columns that a refused row carries until its reasons are written: each rule's value and detail."""
    by_column = {bound.column: bound for bound in prepared.bounds}
    columns = []
    for number, rule in enumerate(prepared.rules):
        value = rule.value if rule.value is not None else _shown(by_column.get(rule.field))
        columns.append(value.alias(f"_value{number}"))
        if rule.detail is not None:
            columns.append(rule.detail.alias(f"_detail{number}"))
    return columns


def _shown(bound: Bound | None) -> pl.Expr:
    return pl.lit(None, pl.String) if bound is None else shown(bound).cast(pl.String)


def refused(bad: pl.LazyFrame, prepared: Prepared, batch: str, at: datetime) -> pl.LazyFrame:
    """The quarantine's rows from the refused rows of the pass (with ``evidence`` and ``survivor``)."""
    reasons = _reasons(prepared.rules)
    raw = [name for name in bad.collect_schema().names() if name.startswith(RAW)]
    fields = pl.struct(pl.col(name).alias(name.removeprefix(RAW)) for name in raw)
    rows = bad.with_columns(pl.concat_list(reasons).list.drop_nulls().alias("reasons"))
    return rows.select(
        pl.lit(batch).alias("_batch"),
        *("_receipt", "_part", "_row", "_source"),
        fields.struct.json_encode().alias("raw"),
        pl.col("reasons").list.eval(pl.element().struct.field("code")).list.unique(maintain_order=True).alias("codes"),
        "reasons",
        pl.lit("open").alias("state"),
        pl.lit(at, pl.Datetime("us", "UTC")).alias("quarantined_at"),
    )


def _reasons(rules: Sequence[RowRule]) -> list[pl.Expr]:
    found = [
        pl.when(is_set(number, ERRORS)).then(
            _reason(rule, pl.col(f"_value{number}"), _detail(rule, number)),
        )
        for number, rule in enumerate(rules)
    ]
    repeated = _reason(RowRule("KEY_DUPLICATE", "", pl.lit(None)), pl.lit(None, pl.String), pl.col("survivor"))
    return [*found, pl.when(pl.col("survivor").is_not_null()).then(repeated)]


def _detail(rule: RowRule, number: int) -> pl.Expr:
    words = pl.lit(rule.detail_text or None, pl.String)
    return words if rule.detail is None else pl.coalesce(f"_detail{number}", words)


def _reason(rule: RowRule, value: pl.Expr, detail: pl.Expr) -> pl.Expr:
    return pl.struct(
        pl.lit(rule.code).alias("code"),
        pl.lit(rule.field or None, pl.String).alias("field"),
        value.alias("value"),
        detail.alias("detail"),
    )
