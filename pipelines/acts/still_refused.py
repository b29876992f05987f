"""Whether the contract would refuse rows with corrected values: the conform plan over these rows alone."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import polars.selectors as cs

from citylake.pipelines.acts.act_work import ActWork
from citylake.pipelines.acts.recorded_corrections import row_corrections
from citylake.pipelines.conform.bind.bound_column import (
    RAW_PREFIX,
    BoundColumn,
    bind_columns,
    cell_fields,
    required_fields,
)
from citylake.pipelines.conform.bind.code_matcher import CodeMatcher
from citylake.pipelines.conform.bind.conform_plan import ConformVocabulary, plan_conform
from citylake.pipelines.lake.ledger.ledger_store import ledger_now
from citylake.quality.rules.row_rule import RowRule
from citylake.schemas.model.contract import Contract


def still_refused(work: ActWork, contract: Contract, corrected: pl.DataFrame) -> pl.DataFrame:
    """Judge corrected values by the bindings of their fields: codes, formats, units, ranges, and required values.

    All corrections of a row are judged together, with those in force. Rules over whole rows and repeated keys are
    judged when the row is read.

    Args:
        work: The declarations and the lake.
        contract: The contract of the dataset.
        corrected: ``row_id``, ``raw`` (the row as sent, JSON), ``field`` and ``new``.

    Returns:
        ``row_id``, ``field`` and ``reasons`` (issue types, joined by commas) of the values that would be refused.
    """
    bounds = [replace(bound, run_at=ledger_now()) for bound in bind_columns(contract, work.registry)]
    rows = _corrected_rows(work, contract, corrected, bounds)
    words = ConformVocabulary(
        work.registry, CodeMatcher(work.registry, work.lake), {bound.column: bound for bound in bounds}
    )
    plan = plan_conform(rows.lazy(), contract, bounds, words)
    broken = _broken_by_field(plan.rules, bounds)
    found = plan.frame.select("row_id", *(expr.alias(f"_of.{name}") for name, expr in broken.items())).collect()
    long = found.unpivot(cs.starts_with("_of."), index="row_id", variable_name="field", value_name="reasons")
    named = long.with_columns(pl.col("field").str.strip_prefix("_of."))
    own = named.join(corrected.select("row_id", "field"), on=["row_id", "field"], how="semi")
    return own.filter(pl.col("reasons").fill_null("") != "")


def _corrected_rows(
    work: ActWork, contract: Contract, corrected: pl.DataFrame, bounds: Sequence[BoundColumn]
) -> pl.DataFrame:
    """One row for each source row: its fields (prefixed) with every correction; missing fields are null."""
    each = corrected.unique("row_id", keep="first", maintain_order=True).select("row_id", "raw")
    names = list(dict.fromkeys([*_raw_fields(each), *(name for bound in bounds for name in required_fields(bound))]))
    fields = pl.col("raw").str.json_decode(pl.Struct(dict.fromkeys(names, pl.String)))
    rows = each.select("row_id", *(fields.struct.field(name).alias(RAW_PREFIX + name) for name in names))
    before = row_corrections(work, contract.dataset).select("row_id", "field", "new").collect()
    new = corrected.select("row_id", "field", "new")
    every = pl.concat([before.join(new, on=["row_id", "field"], how="anti"), new])
    for name in (name for name in every["field"].unique() if name in names):
        own = every.filter(pl.col("field") == name).select(
            "row_id", pl.col("new").alias("_new"), pl.lit(1).alias("_has")
        )
        own = own.unique("row_id", keep="any")
        joined = rows.join(own, on="row_id", how="left", maintain_order="left")
        value = pl.when(pl.col("_has") == 1).then("_new").otherwise(RAW_PREFIX + name)
        rows = joined.with_columns(value.alias(RAW_PREFIX + name)).drop("_new", "_has")
    return rows


def _raw_fields(rows: pl.DataFrame) -> list[str]:
    """The source's fields: rows of one dataset have few different sets of them."""
    shapes = rows.select(pl.col("raw").first().over(pl.col("raw").str.count_matches('":', literal=True))).unique()
    return list(dict.fromkeys(name for (raw,) in shapes.iter_rows() for name in json.loads(raw)))


def _broken_by_field(rules: Sequence[RowRule], bounds: Sequence[BoundColumn]) -> dict[str, pl.Expr]:
    """By source field, the codes of the broken rules about the columns that are made from it."""
    columns: dict[str, set[str]] = {}
    for bound in bounds:
        for name in cell_fields(bound):
            columns.setdefault(name, set()).add(bound.column)
    # A field with units or flags alone answers for the values beside it; another does not.
    beside = {name: bound.column for bound in bounds for name in bound.binding.row_fields if name not in columns}
    found: dict[str, pl.Expr] = {}
    for field, own in {**{name: {column} for name, column in beside.items()}, **columns}.items():
        codes = [
            pl.when(rule.broken).then(pl.lit(rule.code))
            for rule in rules
            if rule.severity == "error" and rule.field in ({field} if rule.by_source else own)
        ]
        if codes:
            found[field] = pl.concat_str(codes, separator=",", ignore_nulls=True)
    return found
