"""The daily upkeep of a lake. Each task can run alone, repeatedly, and at the same time as batches."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, partial

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.delta_table import delta_exists
from citylake.pipelines.lake.ledger import duplicates_table, files_table
from citylake.pipelines.lake.ledger.ledger_append import DATASET, SEQUENCE
from citylake.pipelines.lake.ledger.ledger_store import LEDGER_TABLES
from citylake.pipelines.lake.stored_files import list_folder_names, list_mart_names
from citylake.pipelines.marts.publish.attach_files import write_attach_files
from citylake.pipelines.upkeep.compaction import compact_table
from citylake.pipelines.upkeep.finished_receipts import receipts_with_status
from citylake.pipelines.upkeep.lake_tables import LakeTable, list_lake_tables, list_table_folders
from citylake.pipelines.upkeep.leftovers import delete_dead_states, delete_old_reports
from citylake.pipelines.upkeep.log_checkpoint import checkpoint_log
from citylake.pipelines.upkeep.orphan_files import delete_orphan_files
from citylake.pipelines.upkeep.protected_files import names_in_step_states, unrecorded_loser_files
from citylake.pipelines.upkeep.receipt_retention import ReceiptZone, RetentionRule, apply_retention
from citylake.pipelines.upkeep.upkeep_result import UpkeepKind, UpkeepResult
from citylake.pipelines.upkeep.verify.daily_verification import verify_daily
from citylake.pipelines.upkeep.version_retention import delete_old_versions
from citylake.schemas.read.workspace import UpkeepSettings as Settings
from citylake.schemas.words.contained_faults import describe_fault, is_contained
from citylake.schemas.words.errors import CitylakeError, Problem

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LakeUpkeep:
    """One upkeep of one lake.

    ``age``: minimum age at which an unreferenced file is deleted; None: the workspace's ``leftover_days``.
    """

    context: RunContext
    dry_run: bool = False
    age: timedelta | None = None

    @cached_property
    def settings(self) -> Settings:
        """The workspace's settings for upkeep."""
        return self.context.registry.workspace.settings.upkeep

    @cached_property
    def limit(self) -> timedelta:
        """The minimum age at which an unreferenced file is deleted."""
        return timedelta(days=self.settings.leftover_days) if self.age is None else self.age

    def everything(self) -> Iterator[UpkeepResult]:
        """Run all tasks, in an order in which no task deletes what a later one needs."""
        digests = LakeTable("ledger", files_table.TABLE)
        for table in list_lake_tables(self.context.lake):
            if table != digests:
                yield from self.table(table)
        yield from self.retention()
        yield from self.sweep()
        yield from self.verification()
        # Last, because the others and the verification add to it; otherwise each upkeep would have it to compact again.
        if delta_exists(self.context.lake, digests.root(self.context.lake)):
            yield from self.table(digests)

    def table(self, table: LakeTable) -> Iterator[UpkeepResult]:
        """Compact one table and checkpoint its log. Curated tables are skipped: marts refer to their versions."""
        if table.zone == "curated":
            return
        lake, dry_run = self.context.lake, self.dry_run
        yield from _guard_errors(
            "compact", table.place, partial(compact_table, lake, table, self._order(table), dry_run=dry_run)
        )
        yield from _guard_errors("checkpoint", table.place, partial(checkpoint_log, lake, table, dry_run=dry_run))

    def retention(self) -> Iterator[UpkeepResult]:
        """Delete landed bytes, raw text, mart versions and reports that are past the workspace's retention."""
        context, dry_run = self.context, self.dry_run
        landing, raw = self.settings.landing_days, self.settings.raw_days
        yield from self._zone("landing", landing, raw)
        yield from self._zone("raw", raw, landing)
        yield from self.old_versions(list_mart_names(context.lake))
        if not dry_run:
            yield from _guard_errors("marts", "marts", self._attach_files)
        pages = partial(delete_old_reports, context.lake, self.settings.report_days, dry_run=dry_run)
        yield from _guard_errors("reports", "reports", pages)

    def _attach_files(self) -> list[UpkeepResult]:
        """Write the files that attach marts anew: a lake that was moved has other paths, and a mart may be gone."""
        write_attach_files(self.context.lake, self.context.registry)
        return []

    def old_versions(self, marts: Iterable[str]) -> Iterator[UpkeepResult]:
        """Delete the versions of marts that are past the workspace's retention."""
        for mart in marts:
            versions = partial(delete_old_versions, self.context, mart, self.settings, dry_run=self.dry_run)
            yield from _guard_errors("marts", f"marts/{mart}", versions)

    def sweep(self) -> Iterator[UpkeepResult]:
        """Delete unreferenced files in tables' folders, and step states of runs that ended."""
        lake, dry_run = self.context.lake, self.dry_run
        # Read before any log: files committed later are in the log, and files staged later are too young to delete.
        kept = names_in_step_states(lake)
        for table in list_table_folders(lake):
            yield from _guard_errors("sweep", table.place, partial(self._swept, table, kept))
        yield from _guard_errors("sweep", "handoff", partial(delete_dead_states, lake, self.limit, dry_run=dry_run))

    def verification(self) -> Iterator[UpkeepResult]:
        """Verify the lake, and read a share of its files; findings are results with a problem."""
        today, days = self.context.run.started_at.date(), self.settings.verify_days
        verified = partial(verify_daily, self.context, days, today, dry_run=self.dry_run)
        yield from _guard_errors("verify", "lake", verified)

    def _zone(self, zone: ReceiptZone, days: int | None, other_days: int | None) -> Iterator[UpkeepResult]:
        # Read the step states before the ledger: a receipt recorded in between is in the ledger, so none is missed.
        context, protected = self.context, names_in_step_states(self.context.lake)
        keeping = RetentionRule(days, other_days, self.limit, receipts_with_status(context.ledger), protected)
        for dataset in list_folder_names(context.lake, context.lake.path(zone)):
            tidied = partial(apply_retention, context, zone, dataset, keeping, dry_run=self.dry_run)
            yield from _guard_errors(zone, f"{zone}/{dataset}", tidied)

    def _swept(self, table: LakeTable, kept: frozenset[str]) -> list[UpkeepResult]:
        lake = self.context.lake
        kept |= unrecorded_loser_files(lake) if table.place == f"ledger/{duplicates_table.TABLE}" else frozenset()
        return delete_orphan_files(lake, table, self.limit, kept, dry_run=self.dry_run)

    def _order(self, table: LakeTable) -> tuple[str, ...]:
        """Return the sort columns: the key, so that lookups read few row groups; for the ledger, dataset and order."""
        if table.zone == "ledger" and table.name in LEDGER_TABLES:
            schema = LEDGER_TABLES[table.name].SCHEMA
            return tuple(name for name in (DATASET, SEQUENCE) if SEQUENCE in schema and name in schema)
        contract = self.context.registry.contracts.get(table.name)
        return tuple(contract.write.key or ()) if contract and table.zone == "standard" else ()


def _guard_errors(work: UpkeepKind, subject: str, do: Callable[[], Iterable[UpkeepResult]]) -> Iterator[UpkeepResult]:
    """Run one task. An error is returned as a result with a problem, and does not stop the other tasks."""
    try:
        yield from do()
    except CitylakeError as error:
        yield UpkeepResult(work, subject, problem=error.problem)
    except BaseException as error:
        if not is_contained(error):
            raise
        log.exception("%s of %s failed", work, subject)
        problem = Problem("STEP_FAILED", {"what": subject, "why": describe_fault(error)})
        yield UpkeepResult(work, subject, problem=problem)
