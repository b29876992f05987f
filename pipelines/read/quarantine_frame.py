"""The quarantine of a dataset as frames: its rows, and their number by reason."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from citylake.pipelines.lake.delta_table import delta_exists, scan_lake_table
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.read.standard_table import standard_table_missing

_REASON = pl.Struct(dict.fromkeys(("code", "field", "value", "detail"), pl.String))
_EMPTY_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("_batch", "_receipt", "_part"), pl.String()),
        "_row": pl.Int64(),
        **dict.fromkeys(("_source", "raw", "key"), pl.String()),
        "codes": pl.List(pl.String),
        "reasons": pl.List(_REASON),
        "refused": pl.List(pl.String),
        "state": pl.String(),
        "quarantined_at": pl.Datetime("us", "UTC"),
    }
)


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The quarantined rows of one dataset, and the standard rows of which values were refused."""

    dataset: str
    rows: pl.LazyFrame
    """A lazy frame with one row per quarantined row, and one per standard row with refused values.

    ``refused`` (List[String]): the columns of a standard row whose values were refused; null if the whole row was.
    ``raw`` (the source's fields, JSON), ``key`` (the key's columns, JSON; null if they cannot be read), ``codes``
    (List[String]), ``reasons`` (List[Struct{code, field, value, detail}], all String), ``state``, ``quarantined_at``
    (UTC), and the origin: ``_batch``, ``_receipt``, ``_source``, ``_part``, ``_row``.
    """

    def counts(self) -> pl.DataFrame:
        """Rows by reason, the most frequent first.

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
    rows = scan_quarantine(lake, dataset)
    if rows is None and not delta_exists(lake, lake.standard(dataset)):
        raise standard_table_missing(lake, dataset)
    return Quarantine(dataset, pl.LazyFrame(schema=_EMPTY_SCHEMA) if rows is None else rows)


def scan_quarantine(lake: Lake, dataset: str) -> pl.LazyFrame | None:
    """The quarantine's table with the present columns; None if there is none."""
    rows = scan_lake_table(lake, lake.quarantine(dataset))
    if rows is None or "refused" in rows.collect_schema().names():
        return rows
    # Older tables hold whole rows only.
    return rows.with_columns(pl.lit(None, pl.List(pl.String)).alias("refused"))
