"""The daily upkeep of a lake, piece by piece; each piece can be done alone, again, and beside running batches."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property, partial

from pipelines.context import Context
from pipelines.ledger import duplicates
from pipelines.ledger.store import TABLES
from pipelines.upkeep.compact import compact
from pipelines.upkeep.done import Done, Work
from pipelines.upkeep.folders import names_in
from pipelines.upkeep.log import checkpoint
from pipelines.upkeep.others import dead_handoffs, old_reports
from pipelines.upkeep.protected import handed_over, unnamed_losers
from pipelines.upkeep.receipts import receipts_of
from pipelines.upkeep.sweep import sweep
from pipelines.upkeep.tables import Table, places, tables
from pipelines.upkeep.versions import old_versions
from pipelines.upkeep.zones import Keeping, Zone, tidy
from schemas.faults import CitylakeError, Problem
from schemas.workspace import Upkeep as Settings

log = logging.getLogger(__name__)
_WRITTEN = ("at", "requested_at", "noted_at", "first_seen")
"""Columns of the ledger's tables that say when a row was written down."""


@dataclass(frozen=True)
class Upkeep:
    """One upkeep of one lake. ``age``: how old a file must be that nothing names; the workspace's where not given."""

    context: Context
    dry_run: bool = False
    age: timedelta | None = None

    @cached_property
    def settings(self) -> Settings:
        """What the workspace says."""
        return self.context.registry.workspace.settings.upkeep

    @cached_property
    def limit(self) -> timedelta:
        """The age from which a file that nothing names is a leftover."""
        return timedelta(days=self.settings.leftover_days) if self.age is None else self.age

    def everything(self) -> Iterator[Done]:
        """All of it, in an order in which nothing that one piece needs is taken away by another."""
        for table in tables(self.context.lake):
            yield from self.table(table)
        yield from self.retention()
        yield from self.sweep()

    def table(self, table: Table) -> Iterator[Done]:
        """Compact one table, and sum up its log. Curated tables stay as they are: marts go by their versions."""
        if table.zone == "curated":
            return
        lake, dry_run = self.context.lake, self.dry_run
        yield from _guarded("compact", table.place, partial(compact, lake, table, self._order(table), dry_run=dry_run))
        yield from _guarded("checkpoint", table.place, partial(checkpoint, lake, table, dry_run=dry_run))

    def retention(self) -> Iterator[Done]:
        """Take away bytes, text, versions and pages that the workspace keeps no longer."""
        context, dry_run = self.context, self.dry_run
        days: dict[Zone, int | None] = {"landing": self.settings.landing_days, "raw": self.settings.raw_days}
        for zone, limit in days.items():
            yield from self._zone(zone, limit)
        for mart in names_in(context.lake, context.lake.path("marts")):
            versions = partial(old_versions, context, mart, self.settings, dry_run=dry_run)
            yield from _guarded("marts", f"marts/{mart}", versions)
        pages = partial(old_reports, context.lake, self.settings.report_days, dry_run=dry_run)
        yield from _guarded("reports", "reports", pages)

    def sweep(self) -> Iterator[Done]:
        """Take away the files in tables' folders that no log names, and what dead runs left for their next step."""
        lake, dry_run = self.context.lake, self.dry_run
        # Before any log is read: what is committed in between is in the log, and what is staged in between is young.
        kept = handed_over(lake)
        for table in places(lake):
            yield from _guarded("sweep", table.place, partial(self._swept, table, kept))
        yield from _guarded("sweep", "handoff", partial(dead_handoffs, lake, self.limit, dry_run=dry_run))

    def _zone(self, zone: Zone, days: int | None) -> Iterator[Done]:
        # What runs are at is asked first: a receipt that is written down in between is known, and none is lost.
        context, protected = self.context, handed_over(self.context.lake)
        keeping = Keeping(days, self.limit, receipts_of(context.ledger), protected)
        for dataset in names_in(context.lake, context.lake.path(zone)):
            tidied = partial(tidy, context, zone, dataset, keeping, dry_run=self.dry_run)
            yield from _guarded(zone, f"{zone}/{dataset}", tidied)

    def _swept(self, table: Table, kept: frozenset[str]) -> list[Done]:
        lake = self.context.lake
        kept |= unnamed_losers(lake) if table.place == f"ledger/{duplicates.TABLE}" else frozenset()
        return sweep(lake, table, self.limit, kept, dry_run=self.dry_run)

    def _order(self, table: Table) -> tuple[str, ...]:
        """By key, so that who looks for a few keys reads a few row groups; the ledger in the order of its writing."""
        if table.zone == "ledger" and table.name in TABLES:
            names = TABLES[table.name].SCHEMA.names()
            return tuple(name for name in _WRITTEN if name in names)[:1]
        contract = self.context.registry.contracts.get(table.name)
        return tuple(contract.write.key or ()) if contract and table.zone == "standard" else ()


def _guarded(work: Work, subject: str, do: Callable[[], Iterable[Done]]) -> Iterator[Done]:
    """One piece that fails is told, and does not stop the others."""
    try:
        yield from do()
    except CitylakeError as error:
        yield Done(work, subject, problem=error.problem)
    except Exception as error:
        log.exception("%s of %s failed", work, subject)
        yield Done(
            work, subject, problem=Problem("STEP_FAILED", {"what": subject, "why": f"{type(error).__name__}: {error}"})
        )
