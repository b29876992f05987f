"""The causes behind each event between two versions of a mart, and behind what no event explains."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

import duckdb
from deltalake.exceptions import DeltaError

from citylake.pipelines.history.diff.batch_causes import BatchCauses, declared_causes
from citylake.pipelines.history.diff.batch_history import BatchHistory, LedgerFacts
from citylake.pipelines.history.diff.declared_changes import RecordedDeclarations
from citylake.pipelines.history.diff.diff_result import Cause, CauseKind
from citylake.pipelines.history.diff.input_events import InputEvent, input_events
from citylake.pipelines.history.diff.mart_versions import MartVersion, published_versions
from citylake.pipelines.history.diff.standard_changes import ChangedRows, changed_standard_rows
from citylake.pipelines.history.diff.version_tables import waiting_days
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@dataclass
class EventCauses:
    """Finds causes, each event's once. ``registry``: the declarations of the later version; None if unknown."""

    lake: Lake
    ledger: Ledger
    declared: RecordedDeclarations
    registry: Registry | None
    before: MartVersion
    after: MartVersion
    _facts: dict[str, LedgerFacts] = field(default_factory=dict)

    def of_event(self, connection: DuckDBPyConnection, event: InputEvent) -> list[Cause]:
        """The causes of one event."""
        if event.kind == "batch" and event.batch:
            return self._of_batch(connection, event)
        if event.kind == "upstream":
            mart = event.input.partition(".")[2]
            return [Cause("upstream", event.at, event.input, values={"mart": mart}, because=self._upstream(mart))]
        if event.kind == "links":
            return [Cause("links", event.at, event.input, values={"entity": event.input.partition(".")[2]})]
        return [Cause("forgotten", event.at, event.input)]

    def of_declarations(self, table: str) -> list[Cause]:
        """The causes of what differs although the inputs are the same, if the declarations of the mart differ."""
        if self.before.fingerprint == self.after.fingerprint:
            return []
        mart, at = self.after.mart, self.after.published_at
        known = self.declared.table_changes(mart, table, self.before.revision, self.after.revision)
        base = Cause("declarations", at, None, values={"changes": "—"})
        return list(declared_causes(base, known))

    def of_waiting(self, table: str) -> list[Cause]:
        """The days that waited for another dataset when the earlier version was built."""
        days = self._pending(table)
        return [Cause("waited", self.after.published_at, days=days)] if days else []

    def _pending(self, table: str) -> frozenset[date]:
        try:
            return waiting_days(self.lake, self.before, table)
        except (DeltaError, OSError):
            return frozenset()

    def _of_batch(self, connection: DuckDBPyConnection | None, event: InputEvent) -> list[Cause]:
        assert event.batch is not None
        facts = self._facts.setdefault(event.input, LedgerFacts(self.ledger, event.input))
        newest = facts.newest_day(self.before.versions.get(event.input, -1))
        history = facts.history(event.batch)
        rows = self._rows(connection, event, facts, history) if connection else None
        return BatchCauses(facts, self.declared, self.registry, newest).causes(event, history, rows)

    def _rows(
        self, connection: DuckDBPyConnection, event: InputEvent, facts: LedgerFacts, history: BatchHistory
    ) -> list[ChangedRows] | None:
        if self.registry is None or event.input not in self.registry.contracts:
            return None
        acts = facts.act_rows(frozenset(each["act_id"] for each in history.acts))
        try:
            return changed_standard_rows(connection, self.lake, self.registry, event, acts)
        except (DeltaError, OSError, duckdb.Error):
            return None

    def _upstream(self, mart: str) -> tuple[Cause, ...]:
        """What changed the versions of another mart that the two versions of this one read."""
        found = published_versions(self.ledger, mart)
        spans = [[each for each in found if each.published_at <= mine.published_at][-1:] for mine in self._both]
        if not all(spans):
            return ()
        other = EventCauses(self.lake, self.ledger, self.declared, self.registry, spans[0][0], spans[1][0])
        causes: list[Cause] = []
        for event in input_events(self.lake, self.ledger, other.before, other.after):
            known = event.kind == "batch"
            causes += other._of_batch(None, event) if known else [Cause(_BARE[event.kind], event.at, event.input)]
        tables = sorted(self.registry.marts[mart].tables) if self.registry and mart in self.registry.marts else []
        for table in tables:
            causes += [each for each in other.of_declarations(table) if each not in causes]
        return tuple(causes)

    @property
    def _both(self) -> tuple[MartVersion, MartVersion]:
        return self.before, self.after


_BARE: Mapping[str, CauseKind] = {"forgotten": "forgotten", "upstream": "upstream", "links": "links"}


def in_time_order(causes: Sequence[Cause]) -> list[int]:
    """The places of ``causes`` in order of time; of the same time, as they are."""
    return sorted(range(len(causes)), key=lambda place: (causes[place].at is None, causes[place].at, place))
