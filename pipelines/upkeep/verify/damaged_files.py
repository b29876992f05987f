"""The damaged files of one dataset's tables, and the receipts with rows in them, which a replay reads again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import polars as pl

from citylake.pipelines.commit.table_files import list_active_files
from citylake.pipelines.flow.replay_selection import DamagedFiles, ReceiptSpan
from citylake.pipelines.lake.delta_table import delta_exists, open_delta
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.stored_files import list_stored_files
from citylake.pipelines.parse.read_record import READ_FILE, ReadRecord
from citylake.pipelines.upkeep.lake_tables import LakeTable
from citylake.pipelines.upkeep.verify.finding import VerifyTally
from citylake.pipelines.upkeep.verify.ledger_records import LedgerRecords
from citylake.pipelines.upkeep.verify.verify_landing import raw_findings
from citylake.pipelines.upkeep.verify.verify_options import VerifyOptions
from citylake.pipelines.upkeep.verify.verify_table import TableVerification
from citylake.schemas.words.errors import CitylakeError

_EVERY: ReceiptSpan = ("", "\U0010ffff")


def find_damaged_files(ledger: Ledger, dataset: str) -> DamagedFiles:
    """Read the dataset's tables and raw text, and return the files that are missing or not as they were recorded.

    Raises the finding of a table that cannot be opened: a replay does not repair it.
    """
    paths: list[str] = []
    spans: list[ReceiptSpan] = []
    for zone in ("standard", "quarantine"):
        for path, span in _damaged_in(ledger, LakeTable(zone, dataset)):
            paths.append(path)
            spans.append(span)
    raw = raw_findings(LedgerRecords(ledger), dataset, VerifyOptions(deep=True), VerifyTally())
    damaged = [finding.path.split("/")[2] for finding in raw]
    texts = tuple(dict.fromkeys([*damaged, *_broken_records(ledger.lake, dataset)]))
    spans += [(receipt, receipt) for receipt in texts]
    return DamagedFiles(tuple(paths), tuple(dict.fromkeys(spans)), texts)


def _broken_records(lake: Lake, dataset: str) -> Iterator[str]:
    """Receipts whose read record cannot be used, whatever digest is recorded of it."""
    root = lake.path("raw", dataset)
    for file in list_stored_files(lake, root):
        receipt, _, name = file.path.partition("/")
        try:
            if name == READ_FILE:
                ReadRecord.from_json(lake.fs.cat_file(f"{root}/{file.path}"))
        except ValueError:
            yield receipt


def delete_damaged_files(lake: Lake, damaged: DamagedFiles) -> None:
    """Delete damaged files that left their tables, so that no reader of an older version gets wrong values."""
    for place in sorted({"/".join(path.split("/")[:2]) for path in damaged.paths}):
        used = {f"{place}/{path}" for path in list_active_files(open_delta(lake, lake.path(place)))["path"]}
        for path in damaged.paths:
            if path.startswith(f"{place}/") and path not in used:
                with suppress(FileNotFoundError):
                    lake.remove(lake.path(path))


def _damaged_in(ledger: Ledger, of: LakeTable) -> Iterator[tuple[str, ReceiptSpan]]:
    if not delta_exists(ledger.lake, of.root(ledger.lake)):
        return
    work = TableVerification(LedgerRecords(ledger), of, VerifyOptions(deep=True), VerifyTally())
    found = list(work.findings())
    if work.table is None:
        raise CitylakeError(found[0].problem.code, **found[0].problem.values)
    wrong = [finding.path for finding in found if finding.path in work.active]
    rows = list_active_files(work.table)
    known = {f"{of.place}/{row['path']}": row for row in rows.filter(pl.col("path").is_not_null()).to_dicts()}
    yield from ((path, _receipt_span(known[path])) for path in wrong)


def _receipt_span(row: Mapping[str, Any]) -> ReceiptSpan:
    """The first and the last receipt with rows in a file, by the bounds in the log, which the file cannot change."""
    first, last = row.get("min._receipt"), row.get("max._receipt")
    return (str(first), str(last)) if first and last else _EVERY
