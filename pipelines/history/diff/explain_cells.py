"""Finds the causes of every changed cell of the tables of one mart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

import duckdb
from deltalake.exceptions import DeltaError

from citylake.pipelines.history.diff.cause_cells import (
    LinkedCause,
    link_by_days,
    link_by_steps,
    link_rest,
    link_rest_by_days,
    name_rounding,
)
from citylake.pipelines.history.diff.cell_steps import CellSteps, changed_days
from citylake.pipelines.history.diff.compare_tables import REPEAT, PairedTable
from citylake.pipelines.history.diff.computed_tables import ComputedTables, plan_computed
from citylake.pipelines.history.diff.diff_result import Cause
from citylake.pipelines.history.diff.diff_work import DiffWork
from citylake.pipelines.history.diff.event_causes import EventCauses
from citylake.pipelines.history.diff.event_days import reached_days, spread_days
from citylake.pipelines.history.diff.input_events import InputEvent, input_events
from citylake.schemas.words.errors import CitylakeError

_START, _END = -1, -2
"""The steps that no event explains: from the earlier version, and to the later one."""
_MOST_STEPS = 200
"""With more events, several are one step."""


@dataclass
class CellExplainer:
    """Finds ``causes``; the links of cells have their places in it."""

    work: DiffWork
    connection: duckdb.DuckDBPyConnection
    paired: Mapping[str, PairedTable]
    causes: list[Cause] = field(default_factory=list)
    of_shape: dict[str, list[int]] = field(default_factory=dict)
    """Table → causes of its added or removed columns, or of the table itself."""
    traced: set[str] = field(default_factory=set)
    """Tables of which the causes were found by computing them."""
    notes: list[str] = field(default_factory=list)

    def explain(self, alone: Iterable[str]) -> None:
        """Link every cell with its causes. ``alone``: tables with another shape in one of the versions."""
        work = self.work
        events = input_events(work.lake, work.ledger, work.before, work.after)
        made = EventCauses(work.lake, work.ledger, work.declared, work.registry, work.before, work.after)
        steps = self._computed(events)
        of_events: dict[int, list[LinkedCause]] = {}
        reached = self._reached_events(steps, events)
        for number in sorted(reached):
            of_events[number] = self._linked(made, events[number], number)
        other, rounding = self._add(Cause("other", work.after.published_at)), None
        for name, paired in self.paired.items():
            residual = self._residual(made, name, other)
            linked = [*residual, *(each for number in sorted(of_events) for each in of_events[number])]
            if name in self.traced:
                link_by_steps(self.connection, paired, steps[name].found, linked)
                link_rest_by_days(self.connection, paired, linked)
            else:
                link_by_days(self.connection, paired, linked)
            link_rest(self.connection, paired, other)
            rounding = rounding or self._add(Cause("rounding", work.after.published_at))
            name_rounding(self.connection, paired, other, rounding)
        for name in alone:
            self.of_shape[name] = [each.number for each in self._residual(made, name, other) if each.named] or [other]

    def _add(self, cause: Cause) -> int:
        if cause not in self.causes:
            self.causes.append(cause)
        return self.causes.index(cause)

    def _linked(self, made: EventCauses, event: InputEvent, number: int) -> list[LinkedCause]:
        mart, registry = self.work.mart, self.work.registry
        found = []
        for cause in made.of_event(self.connection, event):
            days = cause.days
            if mart and mart.hides_counts:
                # How many rows a day has got is what the mart hides.
                cause = replace(cause, rows=None)
            if mart and registry and days is not None and event.days is not None:
                reached = reached_days(event, mart, registry)
                days = None if reached is None else spread_days(event.input, days, mart, registry)
            else:
                days = reached_days(event, mart, registry) if mart else None
            found.append(LinkedCause(self._add(cause), number, days))
        return found

    def _residual(self, made: EventCauses, table: str, other: int) -> list[LinkedCause]:
        """The causes of the first and last step: other declarations, days that waited, else something else."""
        declared = [LinkedCause(self._add(each), _START, None) for each in made.of_declarations(table)]
        if declared:
            return [*declared, *(LinkedCause(each.number, _END, None, named=False) for each in declared)]
        waited = [LinkedCause(self._add(each), _START, each.days) for each in made.of_waiting(table)]
        rest = [LinkedCause(other, step, None, named=False) for step in (_START, _END)]
        return [*waited, *rest]

    def _reached_events(self, steps: Mapping[str, CellSteps], events: Sequence[InputEvent]) -> set[int]:
        """The numbers of the events that changed a cell; all of them if a table could not be computed."""
        if self.paired.keys() - self.traced:
            return set(range(len(events)))
        found: set[int] = set()
        for each in steps.values():
            rows = self.connection.execute(f"SELECT DISTINCT event FROM {each.found} WHERE event >= 0").fetchall()
            found |= {int(event) for (event,) in rows}
        return found

    def _computed(self, events: Sequence[InputEvent]) -> dict[str, CellSteps]:
        """Compute the tables step by step, as far as their inputs and declarations are there."""
        work = self.work
        if work.mart is None or work.registry is None:
            self.notes.append("diff.note_declarations_unknown")
            return {}
        if work.mart.hides_counts:
            self.notes.append("diff.note_small_counts")
            return {}
        chosen = {
            name: each for name, each in self.paired.items() if REPEAT not in each.key and name in work.mart.tables
        }
        steps = {name: CellSteps(self.connection, paired) for name, paired in chosen.items()}
        try:
            if steps:
                tables = plan_computed(self.connection, work.lake, work.registry, work.mart, sorted(steps))
                self._run_steps(tables, steps, events)
        except duckdb.OutOfMemoryException:
            raise
        except (CitylakeError, DeltaError, OSError, duckdb.Error):
            self.notes.append("diff.note_inputs_gone")
            return {}
        self.traced |= steps.keys()
        return steps

    def _run_steps(self, tables: ComputedTables, steps: Mapping[str, CellSteps], events: Sequence[InputEvent]) -> None:
        work, by_day = self.work, tables.by_day and all(_has_day(each.paired) for each in steps.values())
        changed = changed_days(self.connection, {name: each.paired for name, each in steps.items()})
        versions = {**work.after.versions, **work.before.versions}
        self._step(tables, steps, versions, _START, changed if by_day else None, first=True)
        for group in _grouped(events):
            for _, event in group:
                versions |= event.versions
            days = self._days([event for _, event in group]) if by_day else None
            chosen = None if not by_day else changed if days is None else changed & days
            if chosen is None or chosen:
                self._step(tables, steps, versions, group[-1][0], chosen)
                self._spread(steps, [number for number, _ in group])
        for each in steps.values():
            each.end(_END)

    def _step(
        self,
        tables: ComputedTables,
        steps: Mapping[str, CellSteps],
        versions: Mapping[str, int],
        number: int,
        days: frozenset[date] | None,
        *,
        first: bool = False,
    ) -> None:
        tables.create(versions, days)
        for each in steps.values():
            if first:
                each.begin()
            each.step(number, days)

    def _spread(self, steps: Mapping[str, CellSteps], numbers: Sequence[int]) -> None:
        """What a step of several events changed, any of them may have changed."""
        for number in numbers[:-1]:
            for each in steps.values():
                self.connection.execute(
                    f"INSERT INTO {each.found} SELECT * REPLACE ({number} AS event) FROM {each.found}"
                    f" WHERE event = {numbers[-1]}"
                )

    def _days(self, events: Sequence[InputEvent]) -> frozenset[date] | None:
        assert self.work.mart is not None
        days: frozenset[date] = frozenset()
        for event in events:
            reached = reached_days(event, self.work.mart, self.work.registry)
            if reached is None:
                return None
            days |= reached
        return days


def _has_day(paired: PairedTable) -> bool:
    """Whether a row's day never changes: it is part of the grain."""
    return paired.day is not None and paired.day in paired.key


def _grouped(events: Sequence[InputEvent]) -> list[list[tuple[int, InputEvent]]]:
    numbered = list(enumerate(events))
    size = max(1, -(-len(numbered) // _MOST_STEPS))
    return [numbered[start : start + size] for start in range(0, len(numbered), size)]
