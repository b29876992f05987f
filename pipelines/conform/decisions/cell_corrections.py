"""Corrections of single rows: which of them apply to the text that a receipt has, and that text after them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl
import polars.selectors as cs

from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX
from citylake.pipelines.lake.row_id import row_id_expr
from citylake.schemas.words.errors import Problem

_PLACE = ["_part", "_row"]
_NEW, _HAS = "#new.", "#has."


@dataclass(frozen=True, slots=True)
class JudgedCells:
    """Corrections of the rows of one receipt. ``stale`` has ``now``, the text that stands there."""

    applied: pl.DataFrame
    stale: pl.DataFrame
    unknown: pl.DataFrame
    """The source has no such field."""
    missing: pl.DataFrame
    """The receipt has no such row."""

    @property
    def counts(self) -> Mapping[str, int]:
        """Changed values by act."""
        return dict(self.applied.group_by("act_id").len().iter_rows())


def judge_cells(frame: pl.LazyFrame, cells: pl.DataFrame, fields: Collection[str]) -> JudgedCells:
    """Compare what the corrections are of with what stands there; ``frame``: the receipt's text, fields prefixed."""
    unknown = ~pl.col("field").is_in(list(fields))
    known = cells.filter(~unknown)
    named = known["field"].unique().to_list()
    there = frame.join(known.select(_PLACE).unique().lazy(), on=_PLACE, how="semi")
    texts = there.select(*_PLACE, *(pl.col(RAW_PREFIX + name) for name in named)).collect(engine="streaming")
    long = texts.unpivot(index=_PLACE, variable_name="field", value_name="now").with_columns(
        pl.col("field").str.strip_prefix(RAW_PREFIX), pl.col("now").cast(pl.String), there=pl.lit(value=True)
    )
    found = known.join(long, on=[*_PLACE, "field"], how="left")
    # A form in which a person corrects cannot tell an empty text from none.
    same = pl.col("now").fill_null("") == pl.col("old").fill_null("")
    read = found.filter(pl.col("there"))
    return JudgedCells(
        read.filter(same), read.filter(~same), cells.filter(unknown), found.filter(pl.col("there").is_null())
    )


def source_cells(
    frame: pl.LazyFrame, cells: pl.DataFrame, fields: Collection[str], cell_names: Collection[str]
) -> pl.DataFrame:
    """Corrections of reshaped rows as corrections of the rows that the source sent.

    The part of a reshaped row ends with the column that it was made from, whose value is in one of ``cell_names``.
    """
    parts = set(frame.select(pl.col("_part").unique()).collect(engine="streaming")["_part"])
    asked = cells.select("_part", "field").unique()
    found = [_source_cell(part, name, parts, fields, cell_names) for part, name in asked.iter_rows()]
    own = asked.with_columns(
        pl.Series("own_part", [part for part, _ in found], pl.String),
        pl.Series("own_field", [name for _, name in found], pl.String),
    )
    joined = cells.join(own, on=["_part", "field"], maintain_order="left").drop("_part", "field")
    moved = joined.rename({"own_part": "_part", "own_field": "field"}).select(cells.columns)
    return moved.unique([*_PLACE, "field"], keep="first", maintain_order=True)


def _source_cell(
    part: str, name: str, parts: Collection[str], fields: Collection[str], cell_names: Collection[str]
) -> tuple[str, str]:
    if part in parts:
        return part, name
    above = [each for each in parts if not each or part.startswith(f"{each}/")]
    if not above:
        return part, name
    source = max(above, key=len)
    column = part.removeprefix(f"{source}/") if source else part
    return source, column if name in cell_names and column in fields else name


def correct_cells(frame: pl.LazyFrame, applied: pl.DataFrame) -> pl.LazyFrame:
    """The text with the corrections that apply; rows and their order stay."""
    if applied.is_empty():
        return frame
    named = applied["field"].unique().to_list()
    wide = applied.select(_PLACE).unique()
    for number, name in enumerate(named):
        own = applied.filter(pl.col("field") == name)
        made = own.select(*_PLACE, pl.col("new").alias(f"{_NEW}{number}"), pl.lit(value=True).alias(f"{_HAS}{number}"))
        wide = wide.join(made, on=_PLACE, how="left")
    joined = frame.join(wide.lazy(), on=_PLACE, how="left", maintain_order="left")
    corrected = [
        pl.when(pl.col(f"{_HAS}{number}"))
        .then(pl.col(f"{_NEW}{number}"))
        .otherwise(pl.col(RAW_PREFIX + name))
        .alias(RAW_PREFIX + name)
        for number, name in enumerate(named)
    ]
    return joined.with_columns(corrected).drop(cs.starts_with(_NEW) | cs.starts_with(_HAS))


@dataclass(slots=True)
class CorrectionNotices:
    """What was not applied in a batch, for its notices: one for each text that stands there, with the first row."""

    dataset: str
    judged: list[JudgedCells] = field(default_factory=list)

    def problems(self, present: Sequence[str]) -> Iterator[Problem]:
        """CORRECTION_STALE, CORRECTION_FIELD_UNKNOWN and CORRECTION_ROW_MISSING; ``present``: the source's fields."""
        if not self.judged:
            return
        stale, unknown, missing = (
            pl.concat([getattr(each, name) for each in self.judged]) for name in ("stale", "unknown", "missing")
        )
        told = pl.col(_PLACE).first(), pl.col("_receipt").first(), pl.len().alias("rows")
        each = stale.sort("_receipt", *_PLACE).group_by("field", "old", "now", maintain_order=True).agg(told)
        for row in each.with_columns(row_id_expr().alias("id")).iter_rows(named=True):
            shown = {name: row[name] or "" for name in ("field", "old", "now")}
            yield Problem("CORRECTION_STALE", {"dataset": self.dataset, "row": row["id"], "rows": row["rows"], **shown})
        for name in sorted(unknown["field"].unique()):
            yield unknown_field(self.dataset, name, present)
        if missing.height:
            first = missing.sort("_receipt", *_PLACE).select(row_id_expr()).item(0, 0)
            yield Problem("CORRECTION_ROW_MISSING", {"dataset": self.dataset, "row": first, "rows": missing.height})


def unknown_field(dataset: str, name: str, present: Sequence[str]) -> Problem:
    """The notice that the source has no such field."""
    return Problem("CORRECTION_FIELD_UNKNOWN", {"dataset": dataset, "field": name, "present": ", ".join(present)})
