"""The places of standard rows in what was received: a standard row names its receipt and number, not its part."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.lake.sealed_file import plain_copies
from citylake.pipelines.parse.raw_file import RawFile
from citylake.pipelines.read.receipt_records import load_receipts, receipt_in_lake, stored_text_files
from citylake.pipelines.records import Receipt

_STANDARD = ("_receipt", "_row", "_source")
_PLACES = pl.Schema({"_receipt": pl.String(), "_part": pl.String(), "_row": pl.Int64(), "_source": pl.String()})


def with_parts(lake: Lake, ledger: Ledger, rows: pl.DataFrame, most: int) -> pl.DataFrame:
    """Return the source rows of standard ``rows``, each once: the first ``most`` by receipt and number.

    Returns:
        ``_receipt, _part, _row, _source``. Reshaping makes several standard rows of one source row. A row whose text
        is gone has an empty part.
    """
    wanted = rows.select(_STANDARD).unique().sort("_receipt", "_row", "_source").head(most)
    found = [_PLACES.to_frame()]
    for (receipt,), own in wanted.group_by("_receipt", maintain_order=True):
        records = [receipt_in_lake(lake, each) for each in load_receipts(ledger, [str(receipt)])]
        parts = _parts(lake, records[0], own["_row"].to_list()) if records else None
        found.append(_joined(own, parts))
    return pl.concat(found).unique(maintain_order=True)


def _joined(own: pl.DataFrame, parts: pl.DataFrame | str | None) -> pl.DataFrame:
    if isinstance(parts, pl.DataFrame):
        joined = own.join(parts, on=["_row", "_source"], how="left").with_columns(pl.col("_part").fill_null(""))
    else:
        joined = own.with_columns(pl.lit(parts or "").alias("_part"))
    return joined.select(_PLACES.names()).cast(_PLACES)


def _parts(lake: Lake, receipt: Receipt, rows: list[int]) -> pl.DataFrame | str | None:
    """The part of every row, or ``_row, _source, _part`` of the stored text; None if there is neither."""
    if record := RawFile(lake, receipt, {}).find_record():
        return record.part
    files, _ = stored_text_files(lake, receipt)
    if not files:
        return None
    with scratch_folder() as scratch:
        plain = plain_copies(lake, files, Path(scratch))
        texts = pl.scan_parquet(list(plain), storage_options=lake.storage_options, glob=False)
        chosen = texts.filter(pl.col("_row").is_in(rows)).select("_row", "_source", "_part")
        return chosen.collect(engine="streaming").cast({"_row": pl.Int64})
