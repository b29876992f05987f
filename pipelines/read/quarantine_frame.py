"""The quarantine of a dataset as frames: its rows, and their number by reason."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from citylake.pipelines.lake.delta_table import delta_exists, scan_lake_table
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.quarantine_life import IS_CLOSED, IS_OPEN, LIFE_SCHEMA, life_columns
from citylake.pipelines.read.standard_table import standard_table_missing

QUARANTINE_REASON = pl.Struct(dict.fromkeys(("code", "field", "value", "detail"), pl.String))
_EMPTY_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("_batch", "_receipt", "_part"), pl.String()),
        "_row": pl.Int64(),
        **dict.fromkeys(("_source", "raw", "key"), pl.String()),
        "codes": pl.List(pl.String),
        "reasons": pl.List(QUARANTINE_REASON),
        "refused": pl.List(pl.String),
        "state": pl.String(),
        "quarantined_at": pl.Datetime("us", "UTC"),
        **LIFE_SCHEMA,
    }
)
_ADDED = pl.Schema({"refused": pl.List(pl.String), **LIFE_SCHEMA})
"""Columns that a table of an older version, or one in which no row was ever read again, does not have."""


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The quarantined rows of one dataset, and the standard rows of which values were refused."""

    dataset: str
    rows: pl.LazyFrame
    """A lazy frame with one row per row that is refused now, and one per standard row with refused values.

    ``refused`` (List[String]): the columns of a standard row whose values were refused; null if the whole row was.
    ``raw`` (the source's fields, JSON), ``key`` (the key's columns, JSON; null if they cannot be read), ``codes``
    (List[String]), ``reasons`` (List[Struct{code, field, value, detail}], all String), ``state``, ``quarantined_at``
    (UTC), and the origin: ``_batch``, ``_receipt``, ``_source``, ``_part``, ``_row``. ``first_seen_at`` (UTC): when the
    row was refused first; ``times_seen`` (Int64): by how many readings; ``first_receipt``: the receipt of the first.
    """
    history: pl.LazyFrame
    """The rows that an earlier reading refused and the newest one does not, with the same columns.

    ``state`` is ``returned``; ``superseded`` if the source has delivered another version of the file; or ``rejected``
    with its held batch. ``closed_at`` (UTC) and ``closed_by_batch`` say since when.
    """

    def counts(self) -> pl.DataFrame:
        """Rows that are refused now by reason, the most frequent first.

        Returns:
            ``code`` (the issue type), ``field`` (the column; null if the reason is not about one column), ``rows``
            (UInt32). A row with two reasons counts for both, so the sum of ``rows`` can exceed the number of rows.
        """
        reasons = self.rows.select("_batch", "_receipt", "_part", "_row", "reasons").explode("reasons")
        fields = reasons.unnest("reasons").unique(["_batch", "_receipt", "_part", "_row", "code", "field"])
        counts = fields.group_by("code", "field").agg(pl.len().alias("rows"))
        return counts.sort("rows", "code", "field", descending=[True, False, False]).collect(engine="streaming")


def open_quarantine(lake: Lake, dataset: str) -> Quarantine:
    """Return the quarantine of ``dataset``. Raises STANDARD_TABLE_MISSING if the lake has no table of the dataset."""
    found = scan_quarantine(lake, dataset)
    if found is None and not delta_exists(lake, lake.standard(dataset)):
        raise standard_table_missing(lake, dataset)
    rows = empty_quarantine() if found is None else found
    return Quarantine(dataset, rows.filter(IS_OPEN), rows.filter(IS_CLOSED))


def empty_quarantine() -> pl.LazyFrame:
    """The quarantine of a dataset of which no row was ever refused."""
    return pl.LazyFrame(schema=_EMPTY_SCHEMA)


def scan_quarantine(lake: Lake, dataset: str) -> pl.LazyFrame | None:
    """Every row of the quarantine's table, closed ones included, with the present columns; None if there is none."""
    rows = scan_lake_table(lake, lake.quarantine(dataset))
    if rows is None:
        return None
    held = set(rows.collect_schema().names())
    missing = [pl.lit(None, kind).alias(name) for name, kind in _ADDED.items() if name not in held]
    return rows.with_columns(missing).with_columns(pl.col("_part").fill_null(""), *life_columns())
