"""Notices about the texts of a batch: one for each column and kind of oddity."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import polars as pl

from citylake.pipelines.conform.bind.bound_column import BoundColumn
from citylake.pipelines.conform.bind.identifier_texts import pad_number
from citylake.pipelines.conform.bind.invisible_characters import escape_invisible
from citylake.pipelines.conform.rows.block_pass import PassResult
from citylake.pipelines.conform.rows.text_observations import OddTexts, TextOddity
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.words.errors import Problem

_EXAMPLE_CHARS = 40
_INVISIBLE = {"remove": "INVISIBLE_REMOVED", "keep": "INVISIBLE_KEPT"}


def text_notices(done: PassResult, bounds: Sequence[BoundColumn], dataset: str, lake: Lake) -> Iterator[Problem]:
    """What the texts of the batch have that a person should know."""
    by_column = {bound.column: bound for bound in bounds}
    for odd in done.odd_texts:
        bound = by_column[odd.column]
        values = {"dataset": dataset, "field": " + ".join(bound.fields), "column": odd.column, "rows": odd.rows}
        if odd.oddity is TextOddity.PADDED:
            yield from _spelling_notice(done, odd, values, lake)
        elif odd.oddity is TextOddity.DAMAGED:
            yield Problem("TEXT_DAMAGED", {"file": odd.source, "row": odd.row, "near": odd.example[:_EXAMPLE_CHARS]})
        else:
            code = "IDENTIFIER_PERHAPS_SCIENTIFIC"
            if odd.oddity is TextOddity.INVISIBLE:
                code = _INVISIBLE[bound.invisible]
            yield Problem(code, {**values, "sample": _escaped(odd.example), "row": odd.row})


def _spelling_notice(done: PassResult, odd: OddTexts, values: dict[str, object], lake: Lake) -> Iterator[Problem]:
    """IDENTIFIER_SPELLINGS if the batch has one number in several spellings."""
    if not done.standard:
        return
    files = pl.scan_parquet(list(done.standard), storage_options=lake.storage_options, hive_partitioning=False)
    spelled = files.select(pl.col(odd.column).cast(pl.String).alias("text")).unique().drop_nulls()
    spelled = spelled.with_columns(pad_number(pl.col("text"), 1).alias("number"))
    several = spelled.group_by("number").agg(pl.col("text").sort()).filter(pl.col("text").list.len() > 1)
    found = several.sort("number").collect(engine="streaming")
    if found.height:
        texts = found["text"][0].to_list()
        digits = max(len(text.partition(".")[0]) for text in found["text"].explode().to_list())
        yield Problem(
            "IDENTIFIER_SPELLINGS", {**values, "number": found.height, "sample": ", ".join(texts), "digits": digits}
        )


def _escaped(text: str) -> str:
    return str(pl.select(escape_invisible(pl.lit(text[:_EXAMPLE_CHARS]))).item())
