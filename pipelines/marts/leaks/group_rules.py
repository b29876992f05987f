"""What GROUP BY does to flows: which are held until the group is known to be large enough, and which stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from citylake.pipelines.marts.leaks.flows import (
    NOTHING,
    Cell,
    Flow,
    Flows,
    Guard,
    Need,
    Rows,
    Scan,
    hardened,
    joined_flows,
)
from citylake.pipelines.marts.leaks.source_columns import SourceTable
from citylake.pipelines.marts.plan.plan_expressions import PlanExpression

COUNTS: Final = frozenset({"count", "count_star"})
MEANS: Final = frozenset(
    {"sum", "avg", "mean", "fsum", "favg", "kahan_sum", "sum_no_overflow", "stddev", "stddev_samp", "stddev_pop",
     "var_samp", "var_pop", "variance"}
)  # fmt: skip
"""Aggregates of which two for one column tell no value of a group of three or more."""
_OF_ONE_PERSON: Final = MEANS | {"min", "max"}


@dataclass(frozen=True, slots=True)
class Measured:
    """One aggregate: its expression, and the cells of what it reads."""

    told: PlanExpression
    args: tuple[Cell, ...]
    others: tuple[Cell, ...] = ()
    """Those of FILTER and ORDER BY."""
    text: str = ""
    line: int | None = None

    @property
    def flows(self) -> Flows:
        """What it reads."""
        return joined_flows(each.flows for each in (*self.args, *self.others))

    @property
    def plain(self) -> bool:
        """Whether every row counts once: no FILTER, no order."""
        return not self.others and not self.told.filter and not self.told.order


@dataclass(frozen=True, slots=True)
class Grouping:
    """GROUP BY over ``rows`` by ``groups``, as the aggregate number ``held``; ``tables``: by dataset."""

    held: int
    rows: Rows
    groups: tuple[Cell, ...]
    tables: dict[str, SourceTable]

    @property
    def keys(self) -> Flows:
        """What is sensitive in the keys of the groups."""
        return joined_flows(each.flows for each in self.groups)

    @property
    def selection(self) -> Flows:
        """What decides which rows are in which group."""
        return joined_flows([self.rows.presence, self.keys])

    @property
    def may_lower(self) -> bool:
        """Whether groups may be published once they are large: of codes, and of rows chosen by constants."""
        keys = all(each.shape == "plain" and each.scan and not each.held and _is_code(each) for each in self.keys)
        return keys and all(each.shape in ("selected", "joined") and each.scan for each in self.rows.presence)

    def of_persons(self) -> Scan | None:
        """The scan whose persons the groups are, one each; None if they are not."""
        origins = [each.origin for each in self.groups]
        for scan in self.rows.scans:
            person = self.tables[scan.dataset].person
            own = all(each is not None and each[0] == scan.number for each in origins)
            if person and scan.once and scan.present and own and (scan.number, person) in origins:
                return scan
        return None

    def person_cell(self, measured: Measured) -> Cell:
        """The number of one person: as good as a column of the person."""
        flows, line, name = measured.flows, measured.line, measured.told.name
        if not flows:
            return Cell(text=measured.text)
        fits = name in _OF_ONE_PERSON and measured.plain and not measured.told.distinct and len(measured.args) == 1
        if fits and all(each.shape in ("plain", "linear") and each.scan for each in flows):
            return Cell(
                frozenset(replace(each.stepped(name, line), shape="linear") for each in flows), text=measured.text
            )
        return Cell(hardened(flows, name, line), text=measured.text)

    def group_cell(self, measured: Measured) -> Cell:
        """The number of one group."""
        guard = self._guard(measured)
        selected = self.selection
        flows = joined_flows([measured.flows, selected])
        if not flows:
            return Cell(guard=guard, text=measured.text)
        if not self.may_lower or not self._lowers(measured, selective=bool(selected)):
            return Cell(hardened(flows, measured.told.name, measured.line), text=measured.text)
        held = [self.hold(each.stepped(measured.told.name, measured.line)) for each in selected]
        held += [
            self._hold_measure(each.stepped(measured.told.name, measured.line), measured) for each in measured.flows
        ]
        return Cell(frozenset(held), guard=guard, text=measured.text)

    def key_cell(self, cell: Cell) -> Cell:
        """The key of a group."""
        if not cell.flows:
            return replace(cell, guard=None, origin=None, constant=False)
        own = frozenset(map(self.hold, cell.flows)) if self.may_lower else hardened(cell.flows, "group")
        return Cell(own, text=cell.text)

    def presence(self) -> Flows:
        """What decides which groups there are."""
        if not self.groups:
            return NOTHING
        return frozenset(map(self.hold, self.selection)) if self.may_lower else hardened(self.selection, "group")

    def hold(self, flow: Flow) -> Flow:
        """The flow until the group is known to be large enough."""
        return replace(flow, held=self.held, need=(flow.scan, ""))

    def _hold_measure(self, flow: Flow, measured: Measured) -> Flow:
        filled = flow.source.required or (flow.scan, flow.source.name) in self.rows.filled
        scan = self.rows.scan(flow.scan)
        surely = measured.told.name in COUNTS or (filled and scan is not None and scan.present)
        return replace(flow, held=self.held, need=(flow.scan, "" if surely else flow.source.name))

    def _lowers(self, measured: Measured, *, selective: bool) -> bool:
        name, args = measured.told.name, measured.args
        if not measured.plain:
            return False
        if name in COUNTS:
            return all(each.origin is not None for each in args) and self._counts_rows(measured)
        flows = measured.flows
        if name not in MEANS or measured.told.distinct or len(args) != 1 or (selective and not flows):
            return False
        if len({each.source for each in flows}) > 1:
            return False
        return all(self._is_measure(each) for each in flows)

    def _counts_rows(self, measured: Measured) -> bool:
        """Whether it counts rows, or persons; the number of different values of another column tells more."""
        return not measured.told.distinct or self._person_of(measured.args[0]) is not None

    def _is_measure(self, flow: Flow) -> bool:
        scan = self.rows.scan(flow.scan)
        return flow.shape in ("plain", "linear") and not flow.held and scan is not None and scan.once

    def _guard(self, measured: Measured) -> Guard | None:
        if measured.told.name not in COUNTS or not measured.plain:
            return None
        covered = {need for scan in self.rows.scans for need in self._covered(measured, scan)}
        return Guard(self.held, frozenset(covered)) if covered else None

    def _covered(self, measured: Measured, scan: Scan) -> Sequence[Need]:
        """What the count proves of the persons or records of one scan."""
        origin = measured.args[0].origin if measured.args else None
        if measured.args and (origin is None or origin[0] != scan.number):
            return ()
        if measured.told.distinct:
            counted = bool(measured.args) and self._person_of(measured.args[0]) == scan.number
        else:
            counted = scan.once and (scan.present or bool(measured.args)) and self._one_each(scan)
        if not counted:
            return ()
        own = [(scan.number, origin[1])] if origin else []
        return [(scan.number, ""), *own, *((twin, "") for twin in scan.twins)]

    def _one_each(self, scan: Scan) -> bool:
        """Whether no person has two of the rows of a group."""
        if scan.key is None:
            return False
        person = self.tables[scan.dataset].person
        grouped = {each.origin[1] for each in self.groups if each.origin and each.origin[0] == scan.number}
        left = scan.key - grouped
        return left <= {person} if person else not (left & self._versions(scan))

    def _versions(self, scan: Scan) -> frozenset[str]:
        starts = self.tables[scan.dataset].starts
        return frozenset({starts}) if starts else frozenset()

    def _person_of(self, cell: Cell) -> int | None:
        """The scan whose persons a column tells apart, or whose records if it knows no persons."""
        if cell.origin is None:
            return None
        number, name = cell.origin
        scan = self.rows.scan(number)
        if scan is None:
            return None
        table = self.tables[scan.dataset]
        records = table.key is not None and table.key - self._versions(scan) == {name} and table.person is None
        return number if name == table.person or records else None


def _is_code(flow: Flow) -> bool:
    return flow.source.role == "category" or flow.coarse
