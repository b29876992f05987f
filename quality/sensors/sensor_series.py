"""The table that every test reads, and the spans that every test returns."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

ENTITY, AT, FRESH, VALUE, STEP = "_entity", "_at", "_fresh", "_value", "_step"
"""Columns of a series beside its measured ones: the sensor, the time (Datetime), and whether the batch has the row.

Other rows are history: what was usual before the batch.
"""
SPANS = pl.Schema(
    {
        "code": pl.String(),
        ENTITY: pl.UInt32(),
        "column": pl.String(),
        "first_at": pl.Datetime("us", "UTC"),
        "last_at": pl.Datetime("us", "UTC"),
        "readings": pl.Int64(),
        "detail": pl.String(),
    }
)
"""One row a span: the issue, the sensor, the column, the first and the last reading, their number, what is wrong."""
_RUN, _ORDER = "_run", "_order"
_KEY_BITS = 62


def no_spans() -> pl.LazyFrame:
    """No span at all."""
    return pl.LazyFrame(schema=SPANS)


def order_series(rows: pl.DataFrame, ties: Sequence[str] = ()) -> pl.DataFrame:
    """Sort by sensor and time, a row of the batch after one of the history.

    ``ties``: columns that decide first between rows of one sensor and one time.
    """
    if ties or rows.is_empty():
        return rows.sort(ENTITY, AT, *ties, FRESH)
    bounds = rows.select(last=pl.col(ENTITY).max(), first=pl.col(AT).dt.epoch("us").min(), span=_span()).row(
        0, named=True
    )
    if int(bounds["last"]).bit_length() + int(bounds["span"]).bit_length() + 1 > _KEY_BITS:
        return rows.sort(ENTITY, AT, FRESH)
    # One number as key is sorted four times as fast as three columns.
    width = int(bounds["span"]) + 1
    place = pl.col(ENTITY).cast(pl.Int64) * width + (pl.col(AT).dt.epoch("us") - bounds["first"])
    keyed = rows.with_columns((place * 2 + pl.col(FRESH)).alias(_ORDER))
    return (keyed if keyed[_ORDER].is_sorted() else keyed.sort(_ORDER)).drop(_ORDER)


def _span() -> pl.Expr:
    return pl.col(AT).dt.epoch("us").max() - pl.col(AT).dt.epoch("us").min()


def select_readings(series: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """The readings of one column, without empty ones: ENTITY, AT, FRESH, VALUE (Float64). ``series`` is ordered."""
    value = pl.col(column).cast(pl.Float64, strict=False).alias(VALUE)
    return series.select(ENTITY, AT, FRESH, value).filter(pl.col(VALUE).is_not_null() & pl.col(VALUE).is_not_nan())


def select_steps(series: pl.LazyFrame, column: str) -> pl.LazyFrame:
    """The same readings with STEP: the absolute difference to the sensor's reading before; null for its first one."""
    step = (pl.col(VALUE) - previous(VALUE)).abs().alias(STEP)
    # Known to be ordered, groups are cut out of the frame, not gathered by a hash of each row.
    return select_readings(series, column).with_columns(step, pl.col(ENTITY).set_sorted())


def previous(column: str) -> pl.Expr:
    """The column's value in the sensor's previous row of an ordered frame; null in its first one."""
    return pl.when(pl.col(ENTITY) == pl.col(ENTITY).shift()).then(pl.col(column).shift())


def spans_of_flagged(rows: pl.LazyFrame, flagged: pl.Expr, code: str, column: str, detail: pl.Expr) -> pl.LazyFrame:
    """Join consecutive flagged rows of a sensor to spans; only those with a row of the batch.

    ``rows``: ordered. ``detail``: of the first flagged row.
    """
    numbered = rows.with_row_index(_ORDER).filter(flagged.fill_null(value=False))
    breaks = (pl.col(ENTITY) != pl.col(ENTITY).shift()) | (pl.col(_ORDER) - 1 != pl.col(_ORDER).shift())
    runs = numbered.with_columns(breaks.fill_null(value=True).cum_sum().alias(_RUN))
    spans = runs.group_by(ENTITY, _RUN, maintain_order=True).agg(
        first_at=pl.col(AT).first(),
        last_at=pl.col(AT).last(),
        readings=pl.len(),
        fresh=pl.col(FRESH).any(),
        detail=detail.first(),
    )
    return shape_spans(spans.filter("fresh"), code, column)


def shape_spans(spans: pl.LazyFrame, code: str, column: str) -> pl.LazyFrame:
    """Give the columns of :data:`SPANS` to a frame with ENTITY, first_at, last_at, readings and detail."""
    named = spans.with_columns(pl.lit(code).alias("code"), pl.lit(column).alias("column"))
    return named.select(SPANS.names()).cast(SPANS)


def join_spans(spans: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    """Join spans that overlap or touch, of the same ``by``: a fault that several batches found in part is one.

    ``readings`` of a joined span: the greatest number that one of its parts has; ``detail``: of the part that began
    first. The other columns of the first part are kept.
    """
    ordered = spans.sort(*by, "first_at", "last_at")
    apart = pl.col("first_at") > pl.col("last_at").cum_max().shift().over(by)
    runs = ordered.with_columns(apart.fill_null(value=True).cum_sum().over(by).alias(_RUN))
    others = [pl.col(name).first() for name in ordered.collect_schema().names() if name not in {*by, *_JOINED}]
    joined = runs.group_by(*by, _RUN, maintain_order=True).agg(
        pl.col("first_at").min(), pl.col("last_at").max(), pl.col("readings").max(), *others
    )
    return joined.drop(_RUN)


_JOINED = ("first_at", "last_at", "readings")
