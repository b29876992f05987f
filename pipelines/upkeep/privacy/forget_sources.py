"""Removes one person from what was received: landed bytes and raw text.

A landed file is immutable, and most formats cannot be cut by rows. Where a receipt has rows of the person, its text
without them becomes its raw text, with the row numbers that every row had; then its landed files are deleted, and the
ledger's removals say so. A replay reads the raw text.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from citylake.pipelines.blocks.source_rows import SourceRestartedError, SourceRows
from citylake.pipelines.conform.bind.former_names import contract_of_time
from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.replay_sources import open_replayed
from citylake.pipelines.lake.digests.record_files import record_raw_files
from citylake.pipelines.lake.ledger import receipts_table
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.lake.row_id import ROW_PLACE
from citylake.pipelines.lake.sealed_file import plain_copies
from citylake.pipelines.parse.raw_file import RawFile
from citylake.pipelines.read.receipt_records import load_receipts, receipt_in_lake
from citylake.pipelines.records import Receipt
from citylake.pipelines.upkeep.privacy.person_match import PersonMarks, match_texts, without_person
from citylake.pipelines.upkeep.removal_log import record_removals
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import Problem

_PLACES = pl.Schema(dict.fromkeys(ROW_PLACE, pl.String()) | {"_row": pl.Int64()})


@dataclass(slots=True)
class ForgottenSources:
    """What was found in one dataset. ``places``: of the person's rows; ``unread``: receipts that cannot be read."""

    places: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=_PLACES))
    receipts: list[str] = field(default_factory=list)
    unread: list[Problem] = field(default_factory=list)


def landed_receipts_of(context: RunContext, dataset: str) -> tuple[Receipt, ...]:
    """Return every receipt of the dataset with bytes of its own."""
    rows = context.ledger.read(receipts_table.TABLE).filter(
        pl.col("dataset") == dataset, pl.col("status").is_in(["received", "incomplete"]), pl.col("sha256").is_not_null()
    )
    return load_receipts(context.ledger, rows["id"].unique().to_list())


def find_in_sources(context: RunContext, contract: Contract, marks: PersonMarks) -> ForgottenSources:
    """Return where the person is in what was received; nothing is changed."""
    found = ForgottenSources()
    for receipt in landed_receipts_of(context, contract.dataset):
        with scratch_folder() as scratch:
            for source in open_replayed(context, contract, [receipt], Path(scratch)):
                _look(context, contract, source, Path(scratch), marks, found)
    return found


def forget_in_sources(context: RunContext, contract: Contract, marks: PersonMarks, found: ForgottenSources) -> None:
    """Rewrite the text of the receipts found, and of refused records, without the person; delete their landed files."""
    for receipt in load_receipts(context.ledger, found.receipts):
        with scratch_folder() as scratch:
            for source in open_replayed(context, contract, [receipt], Path(scratch)):
                files = _text_files(source, Path(scratch) / "texts")
                texts = pl.scan_parquet(list(files), storage_options=context.lake.storage_options, glob=False)
                kept = without_person(texts, found.places)
                raw = RawFile(context.lake, receipt_in_lake(context.lake, receipt), {})
                raw.replace_text(kept, _kept_refused(context, source, Path(scratch), marks))
        record_raw_files(context.ledger, context.run.id, contract.dataset, receipt.id)
        context.ledger.flush()
        _delete_landed(context, receipt)


def _look(
    context: RunContext, contract: Contract, source: SourceRows, scratch: Path, marks: PersonMarks, to: ForgottenSources
) -> None:
    if source.problem:
        if source.problem.code != "REPLAY_BYTES_LOST":
            to.unread.append(source.problem)
        return
    files = _text_files(source, scratch / "texts")
    if not files:
        return
    texts = pl.scan_parquet(list(files), storage_options=context.lake.storage_options, glob=False)
    places, _ = match_texts(texts, contract_of_time(contract, [source], context.registry), context.registry, marks)
    if places.height or _refused_of(context, source, scratch, marks):
        to.places = pl.concat([to.places, places.cast(_PLACES)])
        to.receipts.append(source.receipt.id)


def _text_files(source: SourceRows, folder: Path) -> tuple[str, ...]:
    folder.mkdir(exist_ok=True)
    while True:
        try:
            return source.text_files(folder)
        except SourceRestartedError:
            source.restart()


def _refused(context: RunContext, source: SourceRows, scratch: Path) -> Iterator[pl.LazyFrame]:
    if source.refused.files:
        files = plain_copies(context.lake, source.refused.files, scratch / "refused")
        yield pl.scan_parquet(list(files), storage_options=context.lake.storage_options, glob=False)


def _has_text(marks: PersonMarks) -> pl.Expr:
    return pl.col("text").str.contains_any(marks.patterns).fill_null(value=False)


def _refused_of(context: RunContext, source: SourceRows, scratch: Path, marks: PersonMarks) -> bool:
    """Whether a record that the reader refused has one of the person's texts."""
    return any(frame.filter(_has_text(marks)).head(1).collect().height for frame in _refused(context, source, scratch))


def _kept_refused(context: RunContext, source: SourceRows, scratch: Path, marks: PersonMarks) -> pl.LazyFrame | None:
    return next((frame.filter(~_has_text(marks)) for frame in _refused(context, source, scratch)), None)


def _delete_landed(context: RunContext, receipt: Receipt) -> None:
    lake, here = context.lake, receipt_in_lake(context.lake, receipt)
    there = [path for path in here.landing if lake.fs.exists(path)]
    size = sum(int(lake.fs.size(path)) for path in there)
    gone = {"files": len(there), "size_bytes": size, "retention_days": None}
    record_removals(context, "landing", receipt.dataset, {receipt.id: gone} if there else {})
    for path in there:
        lake.remove(path)
