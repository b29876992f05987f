"""From the rule bit mask to a refused row with all its reasons."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import polars as pl

from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX, BoundColumn, cell_fields
from citylake.pipelines.conform.bind.conform_plan import ConformPlan
from citylake.pipelines.conform.bind.source_texts import source_text_expr
from citylake.pipelines.conform.decisions.decided_rows import SENT
from citylake.pipelines.lake.row_key import key_text
from citylake.quality.rules.root_reasons import root_reason
from citylake.quality.rules.row_rule import RowRule
from citylake.quality.rules.rule_bitmask import WORD_BITS, pack_rule_words
from citylake.schemas.read.contract_columns import REFUSED_COLUMN

ERROR_PREFIX = "_err"
"""Prefix of the mask's columns; rule i of the plan is bit i."""
DUPLICATE_KEY_RULE = RowRule("KEY_DUPLICATE", "", pl.col("survivor").is_not_null(), detail=pl.col("survivor"))
"""The reason of the key test, which is not a rule over one row."""
_REASON_FIELDS = ("code", "field", "value", "detail")


def refusal_evidence(prepared: ConformPlan) -> list[pl.Expr]:
    """What a refused row carries until its reasons are written: the mask, and values that are not source fields."""
    columns = [
        *pack_rule_words(prepared.rules, ERROR_PREFIX),
        key_text(prepared.key, prepared.protection.expr).alias("key"),
    ]
    for number, rule in enumerate(prepared.rules):
        if rule.value is not None:
            columns.append(rule.value.alias(f"_value{number}"))
        if rule.detail is not None:
            columns.append(rule.detail.alias(f"_detail{number}"))
    return columns


def any_reason_flagged(prepared: ConformPlan) -> pl.Expr:
    """Whether the ``evidence`` has a broken rule that refuses the row, read from the mask.

    Evaluating all rules again would cost as much.
    """
    words = [0] * len(pack_rule_words(prepared.rules, ERROR_PREFIX))
    for place, rule in enumerate(prepared.rules):
        words[place // WORD_BITS] |= rule.refuses_row << place % WORD_BITS
    return pl.any_horizontal(
        pl.col(f"{ERROR_PREFIX}{number}") & pl.lit(mask, pl.UInt64) != 0 for number, mask in enumerate(words)
    )


def quarantine_rows(bad: pl.DataFrame, prepared: ConformPlan, batch: str, at: datetime) -> pl.DataFrame:
    """The quarantine's rows from the refused rows of the pass, or the rows with refused values.

    With ``evidence``, ``survivor``, and ``_refused``, which names the columns if only values were refused.
    """
    names = [name.removeprefix(RAW_PREFIX) for name in bad.columns if name.startswith(RAW_PREFIX)]
    # The source's own text, whatever was corrected: it is what its department can find.
    fields = pl.struct(
        pl.col(SENT + name if SENT + name in bad.columns else RAW_PREFIX + name).alias(name) for name in names
    )
    return bad.with_columns(_collect_reasons(bad, prepared)).select(
        pl.lit(batch).alias("_batch"),
        *("_receipt", "_part", "_row", "_source"),
        fields.struct.json_encode().alias("raw"),
        *("key", "codes", "reasons"),
        pl.col(REFUSED_COLUMN).str.split(",").alias("refused"),
        pl.lit("open").alias("state"),
        pl.lit(at, pl.Datetime("us", "UTC")).alias("quarantined_at"),
    )


def _collect_reasons(bad: pl.DataFrame, prepared: ConformPlan) -> list[pl.Series]:
    """``codes`` and ``reasons`` of every refused row, from one small frame per broken rule."""
    found = pl.concat(list(_reasons_by_rule(bad, prepared))).collect().sort("_index", "order")
    told = found.group_by("_index", maintain_order=True).agg(
        pl.col("code").unique(maintain_order=True).alias("codes"),
        pl.struct(_REASON_FIELDS).alias("reasons"),
    )
    # As a rule every row has a reason; a join would take longer than the reasons.
    if not told["_index"].equals(bad["_index"]):
        told = bad.select("_index").join(told, on="_index", how="left", maintain_order="left")
    return [told["codes"], told["reasons"]]


def _reasons_by_rule(bad: pl.DataFrame, prepared: ConformPlan) -> Iterator[pl.LazyFrame]:
    rows = prepared.drifted.filled(bad.lazy())
    words = bad.select(pl.col(f"^{ERROR_PREFIX}[0-9]+$").bitwise_or()).row(0)
    by_column = {bound.column: bound for bound in prepared.bounds}
    cells = {bound.column: cell_fields(bound) for bound in prepared.bounds}
    for number, rule in enumerate(prepared.rules):
        if not (words[number // WORD_BITS] or 0) >> number % WORD_BITS & 1:
            continue
        value = pl.col(f"_value{number}") if rule.value is not None else _source_value(by_column.get(rule.field))
        detail = pl.lit(rule.detail_text or None, pl.String)
        if rule.detail is not None:
            detail = pl.coalesce(f"_detail{number}", detail)
        broken = root_reason(number, prepared.rules, cells, ERROR_PREFIX)
        yield _reason_frame(rows.filter(broken), rule, number, value, detail)
    repeated = rows.filter(DUPLICATE_KEY_RULE.broken)
    yield _reason_frame(repeated, DUPLICATE_KEY_RULE, len(prepared.rules), pl.lit(None, pl.String), pl.col("survivor"))


def _source_value(bound: BoundColumn | None) -> pl.Expr:
    return pl.lit(None, pl.String) if bound is None else source_text_expr(bound).cast(pl.String)


def _reason_frame(rows: pl.LazyFrame, rule: RowRule, order: int, value: pl.Expr, detail: pl.Expr) -> pl.LazyFrame:
    words_of: Sequence[pl.Expr] = (pl.lit(rule.code), pl.lit(rule.field or None, pl.String), value, detail)
    named = (expr.alias(name) for expr, name in zip(words_of, _REASON_FIELDS, strict=True))
    return rows.select("_index", pl.lit(order).alias("order"), *named)
