"""The rows of a held batch as quarantine files: each row as the source sent it, with why its batch waits, and its own
reasons if it has any.

Rows are read as text, some thousands at a time, so that memory does not grow with the batch.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow.parquet as pq

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS
from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.parquet_blocks import FAULT_COLUMN
from citylake.pipelines.blocks.source_rows import SourceRestartedError, SourceRows
from citylake.pipelines.conform.bind.bound_column import RAW_PREFIX
from citylake.pipelines.conform.rows.refused_rows import LINE_FIELD
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger.json_text import to_json_text
from citylake.pipelines.lake.row_id import ROW_PLACE
from citylake.pipelines.records import BatchResult
from citylake.schemas.words.errors import CitylakeError, Problem
from citylake.schemas.words.message_catalogue import issue_types

_REASON = pl.Struct(dict.fromkeys(("code", "field", "value", "detail"), pl.String))
_ROWS_AT_ONCE = 50_000
_OWN = pl.Schema(
    {
        "_receipt": pl.String(),
        "_part": pl.String(),
        "_row": pl.Int64(),
        "key": pl.String(),
        "codes": pl.List(pl.String),
        "reasons": pl.List(_REASON),
    }
)


@dataclass(frozen=True, slots=True)
class HeldReading:
    """A held batch whose rows are written. ``quarantine``: its staged quarantine files, which have the rows' own
    reasons; none if the batch was held before its rows were read. ``at``: when the run began.
    """

    dataset: str
    batch: str
    run: str
    at: datetime
    problems: tuple[Problem, ...]
    """Why it is held."""
    quarantine: tuple[str, ...] = ()


def holding_problems(result: BatchResult) -> tuple[Problem, ...]:
    """Return the problems that hold a batch, without what was only reported; all of them if none is an error."""
    broken = {check.problem.code for check in result.checks if check.holds and check.problem}
    if broken:
        return tuple(each for each in result.problems if each.code in broken)
    known = issue_types()
    errors = tuple(each for each in result.problems if each.code not in known or known[each.code].severity == "error")
    return errors or result.problems


def batch_reason_values(reason: Mapping[str, str | None]) -> dict[str, Any]:
    """Return the values of the message of a reason that is about the whole batch; empty for a reason of a row."""
    known, detail = issue_types().get(str(reason["code"])), reason["detail"] or ""
    if known is None or known.scope == "row" or not detail.startswith("{"):
        return {}
    try:
        found = json.loads(detail)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def write_held_rows(
    reading: HeldReading, sources: Sequence[SourceRows], lake: Lake, scratch: Path, budget: Budget
) -> tuple[tuple[str, ...], int]:
    """Write the rows of the sources to the quarantine's folder; return the files (one, or none) and their rows."""
    folder = lake.quarantine(reading.dataset)
    path = f"{folder}/{reading.batch}-{reading.run.rpartition('-')[2]}-held.parquet"
    lake.makedirs(folder)
    rows = 0
    with ExitStack() as stack:
        writer: pq.ParquetWriter | None = None
        for block in _blocks(reading, sources, lake, scratch, budget):
            table = block.to_arrow(compat_level=pl.CompatLevel.oldest())
            if writer is None:
                file = stack.enter_context(lake.fs.open(path, "wb"))
                writer = stack.enter_context(pq.ParquetWriter(file, table.schema, compression="zstd"))
            writer.write_table(table)
            rows += block.height
    return ((path,), rows) if rows else ((), 0)


def _blocks(
    reading: HeldReading, sources: Sequence[SourceRows], lake: Lake, scratch: Path, budget: Budget
) -> Iterator[pl.DataFrame]:
    """The rows in the columns of the quarantine."""
    for number, source in enumerate(sources):
        size = min(_ROWS_AT_ONCE, budget.block_rows_of(len(source.columns)))
        for path in _text_files(source, scratch / f"held-{number}"):
            for rows in _read_parquet(lake, path, size):
                yield _quarantine_rows(reading, _own_reasons(reading, lake, rows), _with_raw(rows))
        for path in source.refused.files:
            for rows in _read_parquet(lake, path, size):
                own = rows.select(
                    *ROW_PLACE,
                    pl.lit(None, pl.String).alias("key"),
                    pl.concat_list("code").alias("codes"),
                    pl.concat_list(pl.struct("code", pl.lit(None, pl.String).alias("field"), "value", "detail")).alias(
                        "reasons"
                    ),
                )
                raw = pl.struct(pl.col("text").alias(LINE_FIELD)).struct.json_encode().alias("raw")
                yield _quarantine_rows(reading, own.cast(_OWN), rows.select(*PROVENANCE_COLUMNS, raw))


def _text_files(source: SourceRows, folder: Path) -> tuple[str, ...]:
    while True:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return source.text_files(folder)
        except SourceRestartedError:
            source.restart()
        except CitylakeError:
            # The bytes cannot be read any more: the batch is held for that reason, and has no rows to show.
            return ()


def _read_parquet(lake: Lake, path: str, size: int) -> Iterator[pl.DataFrame]:
    with open(path, "rb") if "://" not in path else lake.fs.open(path, "rb") as file:
        for some in pq.ParquetFile(file).iter_batches(batch_size=size):
            frame = pl.DataFrame(some)
            if frame.height:
                texts = [pl.Series(each).cast(pl.String) for each in frame.drop("_row").iter_columns()]
                yield pl.DataFrame([*texts, frame["_row"].cast(pl.Int64)])


def _with_raw(rows: pl.DataFrame) -> pl.DataFrame:
    """The place of each row, and its fields as JSON. Names of sources are never read as patterns."""
    fields = [name for name in rows.columns if name not in (*PROVENANCE_COLUMNS, FAULT_COLUMN)]
    named = rows.rename({name: RAW_PREFIX + name for name in fields})
    raw = pl.struct(pl.col(RAW_PREFIX + name).alias(name) for name in fields)
    return named.select(*PROVENANCE_COLUMNS, raw.struct.json_encode().alias("raw"))


def _own_reasons(reading: HeldReading, lake: Lake, rows: pl.DataFrame) -> pl.DataFrame:
    """The reasons that conform found for these rows; what reshaping made of one source row is joined again."""
    if not reading.quarantine:
        return pl.DataFrame(schema=_OWN)
    options = lake.storage_options
    staged = pl.scan_parquet(list(reading.quarantine), storage_options=options, hive_partitioning=False, glob=False)
    mine = pl.col("_receipt").is_in(rows["_receipt"].unique().implode()) & pl.col("_row").is_between(
        pl.lit(rows["_row"].min(), pl.Int64), pl.lit(rows["_row"].max(), pl.Int64)
    )
    found = staged.filter(mine).select(_OWN.names()).collect(engine="streaming")
    lists = (
        pl.col(name).explode(empty_as_null=True).drop_nulls().unique(maintain_order=True)
        for name in ("codes", "reasons")
    )
    return found.group_by(ROW_PLACE, maintain_order=True).agg(pl.col("key").first(), *lists).cast(_OWN)


def _quarantine_rows(reading: HeldReading, own: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    reasons = [
        {"code": each.code, "field": None, "value": None, "detail": to_json_text(dict(each.values))}
        for each in reading.problems
    ]
    codes = pl.Series("codes", [list(dict.fromkeys(each["code"] for each in reasons))], pl.List(pl.String))
    both = rows.join(own, on=ROW_PLACE, how="left", nulls_equal=True, maintain_order="left")
    return both.select(
        pl.lit(reading.batch).alias("_batch"),
        *("_receipt", "_part", "_row", "_source", "raw", "key"),
        pl.concat_list(pl.lit(codes).first(), pl.col("codes").fill_null([])).alias("codes"),
        pl.concat_list(
            pl.lit(pl.Series([reasons], dtype=pl.List(_REASON))).first(), pl.col("reasons").fill_null([])
        ).alias("reasons"),
        pl.lit(None, pl.List(pl.String)).alias("refused"),
        pl.lit("held").alias("state"),
        pl.lit(reading.at, pl.Datetime("us", "UTC")).alias("quarantined_at"),
    )
