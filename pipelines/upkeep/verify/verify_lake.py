"""Verifies a lake or some of its datasets: tables, batches, landed bytes, raw text, marts and the ledger itself."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from citylake.pipelines.lake.delta_table import delta_exists
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.stored_files import list_folder_names, list_mart_names
from citylake.pipelines.upkeep.lake_tables import LakeTable, list_table_folders
from citylake.pipelines.upkeep.verify.finding import Finding, VerifyTally, unreadable_table
from citylake.pipelines.upkeep.verify.ledger_records import LedgerRecords
from citylake.pipelines.upkeep.verify.verify_batches import batch_findings, batch_rows
from citylake.pipelines.upkeep.verify.verify_landing import landing_findings, raw_findings
from citylake.pipelines.upkeep.verify.verify_mart import mart_findings
from citylake.pipelines.upkeep.verify.verify_options import VerifyOptions
from citylake.pipelines.upkeep.verify.verify_table import TableVerification
from citylake.schemas.words.errors import CitylakeError

log = logging.getLogger(__name__)


@dataclass(slots=True)
class LakeVerification:
    """One verification; ``tally`` counts what it covered."""

    ledger: Ledger
    options: VerifyOptions = field(default_factory=VerifyOptions)
    tally: VerifyTally = field(default_factory=VerifyTally)
    _records: LedgerRecords = field(init=False)

    def findings(self) -> Iterator[Finding]:
        """Yield every finding. Runs can continue: what they write meanwhile is not expected."""
        lake, self._records = self.ledger.lake, LedgerRecords(self.ledger, self._places())
        if not self.options.datasets:
            for table in self._tables("ledger"):
                yield from _guard(table.place, self._table(table).findings())
        yield from _guard("ledger/batches", self._datasets())
        if self.options.datasets:
            return
        for table in self._tables("curated"):
            yield from _guard(table.place, self._table(table).findings())
        for mart in list_mart_names(lake):
            yield from _guard(f"marts/{mart}", mart_findings(self._records, mart, self.options, self.tally))

    def _places(self) -> list[str]:
        """What is asked for, in that order."""
        tables = list_table_folders(self.ledger.lake)
        places = {zone: [table.place for table in tables if table.zone == zone] for zone in ("ledger", "curated")}
        datasets = sorted(self.options.datasets or lake_datasets(self.ledger, ()))
        zones = ("standard", "quarantine", "landing", "raw")
        marts = [f"marts/{mart}" for mart in list_mart_names(self.ledger.lake)]
        return [
            *places["ledger"],
            *(f"{zone}/{name}" for name in datasets for zone in zones),
            *places["curated"],
            *marts,
        ]

    def _datasets(self) -> Iterator[Finding]:
        # Read before the tables: a batch that is committed meanwhile is in the table, and not expected.
        batches = batch_rows(self.ledger)
        for dataset in self._dataset_names(batches):
            yield from _guard(f"standard/{dataset}", self._standard(dataset, batches.get(dataset, [])))
            quarantine = self._table(LakeTable("quarantine", dataset))
            if delta_exists(self.ledger.lake, quarantine.of.root(self.ledger.lake)):
                yield from _guard(quarantine.of.place, quarantine.findings())
            for zone, work in (("landing", landing_findings), ("raw", raw_findings)):
                yield from _guard(f"{zone}/{dataset}", work(self._records, dataset, self.options, self.tally))

    def _standard(self, dataset: str, batches: list[dict[str, Any]]) -> Iterator[Finding]:
        work = self._table(LakeTable("standard", dataset))
        exists = delta_exists(self.ledger.lake, work.of.root(self.ledger.lake))
        if exists:
            yield from work.findings()
        if work.table or not exists:
            yield from batch_findings(dataset, batches, work.table)

    def _dataset_names(self, batches: dict[str, list[dict[str, Any]]]) -> list[str]:
        found = lake_datasets(self.ledger, batches)
        return sorted(found & self.options.datasets if self.options.datasets else found)

    def _tables(self, zone: str) -> list[LakeTable]:
        lake = self.ledger.lake
        return [each for each in list_table_folders(lake) if each.zone == zone and delta_exists(lake, each.root(lake))]

    def _table(self, table: LakeTable) -> TableVerification:
        return TableVerification(self._records, table, self.options, self.tally)


def _guard(place: str, found: Iterator[Finding]) -> Iterator[Finding]:
    """Yield findings; what cannot be read, such as a damaged ledger table, is one, and the rest is still verified."""
    try:
        yield from found
    except Exception as error:
        log.debug("%s cannot be verified", place, exc_info=error)
        yield unreadable_table(place, error)


def lake_datasets(ledger: Ledger, batches: Collection[str]) -> set[str]:
    """Return the datasets of the lake, declared or not: those with files, and those of ``batches``."""
    lake, found = ledger.lake, set(batches)
    for zone in ("standard", "quarantine", "landing", "raw"):
        found |= set(list_folder_names(lake, lake.path(zone)))
    return found


def check_datasets(ledger: Ledger, datasets: Collection[str]) -> None:
    """Raise DATASET_UNKNOWN if the lake has nothing of one of ``datasets``."""
    known = lake_datasets(ledger, batch_rows(ledger)) if datasets else set()
    unknown = ", ".join(name for name in datasets if name not in known)
    if unknown:
        raise CitylakeError("DATASET_UNKNOWN", dataset=unknown, known=", ".join(sorted(known)) or "—")
