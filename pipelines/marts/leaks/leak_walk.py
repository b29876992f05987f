"""The walk of sensitive columns over a bound plan."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from citylake.pipelines.marts.leaks.cell_values import CellReader
from citylake.pipelines.marts.leaks.flows import (
    NOTHING,
    Cell,
    Flow,
    Flows,
    Rows,
    Scan,
    digest,
    hardened,
    joined_flows,
)
from citylake.pipelines.marts.leaks.group_rules import Grouping, Measured
from citylake.pipelines.marts.leaks.row_filters import filtered
from citylake.pipelines.marts.leaks.row_joins import joined
from citylake.pipelines.marts.leaks.source_columns import CORE, SourceColumn, SourceTable
from citylake.pipelines.marts.plan.plan_expressions import PlanExpression
from citylake.pipelines.marts.plan.plan_operators import (
    Aggregate,
    ConstantRows,
    Distinct,
    Filter,
    FunctionScan,
    Join,
    Ordered,
    OuterColumns,
    Projection,
    SetOperation,
    TableName,
    TableScan,
    UnnestColumns,
    WindowColumns,
)
from citylake.pipelines.marts.plan.plan_walk import PlanWalk

_MAKING_ROWS: Final = frozenset({"range", "generate_series", "repeat", "repeat_row", "unnest", "generate_subscripts"})
"""Table functions that know nothing but their arguments."""


@dataclass(frozen=True, slots=True)
class GroupedRows:
    """An aggregate over single rows of sensitive datasets: which rows, in which groups, and what is held in it."""

    form: str
    datasets: frozenset[str]
    sources: frozenset[str] = frozenset()
    selective: bool = False
    line: int | None = None


class LeakWalk(PlanWalk[Rows]):
    """``tables``: the standard tables, by dataset; ``made``: the tables of marts and of links, by their name.

    After :meth:`visit`: ``grouped`` has what was aggregated, by the aggregate's number.
    """

    def __init__(
        self, reader: CellReader, tables: Mapping[str, SourceTable], made: Mapping[TableName, Mapping[str, Flows]]
    ) -> None:
        super().__init__()
        self._reader, self._tables, self._made = reader, dict(tables), made
        self._number = 0
        self.grouped: dict[int, GroupedRows] = {}

    def scan(self, operator: TableScan) -> Rows:
        """The columns of a table of the lake, each with what it is."""
        dataset = ".".join(operator.table)
        if operator.table in self._made:
            return self._made_rows(operator)
        table = self._tables.get(dataset)
        if table is None:
            unknown = SourceColumn(dataset, "*", CORE)
            return Rows(tuple(Cell(frozenset({Flow(unknown, CORE, "other")})) for _ in operator.columns))
        number = self._next()
        cells = tuple(self._scanned(table, dataset, name, number) for name in operator.columns)
        sensitive = any(each.level.exceeds(self._reader.highest) for each in (table.rest, *table.columns.values()))
        own = frozenset({dataset}) if sensitive else frozenset[str]()
        return Rows(cells, scans=(Scan(number, dataset, table.key),), datasets=own, form=dataset)

    def _scanned(self, table: SourceTable, dataset: str, name: str, number: int) -> Cell:
        source = table.column(name)
        above = source.level.exceeds(self._reader.highest)
        flows = frozenset({Flow(source, source.level, scan=number)}) if above else NOTHING
        return Cell(flows, (number, name), text=f"{dataset}.{name}")

    def _made_rows(self, operator: TableScan) -> Rows:
        """A table of a mart, or of links: whatever was found for it there."""
        known, name = self._made[operator.table], ".".join(operator.table)
        everything = joined_flows(known.values())
        cells = (Cell(known.get(each, everything), text=f"{name}.{each}") for each in operator.columns)
        return Rows(tuple(cells), known.get("", NOTHING), form=name)

    def function_scan(self, operator: FunctionScan, inputs: Sequence[Rows]) -> Rows:
        """Every column may hold all of the input, and whatever the function knows."""
        flows = hardened(joined_flows(each.flows for each in inputs), operator.function)
        if operator.function not in _MAKING_ROWS:
            # Statistics of tables, metadata of files, settings: nobody knows what they tell.
            flows |= {Flow(SourceColumn(operator.function, "*", CORE), CORE, "other")}
        form = digest("function", operator.function, id(operator))
        datasets = frozenset[str]().union(*(each.datasets for each in inputs))
        cells = tuple(Cell(flows, text=digest(form, name)) for name in operator.columns)
        return Rows(cells, flows, datasets=datasets, form=form)

    def constants(self, operator: ConstantRows) -> Rows:
        """Rows of constants hold nothing."""
        form = digest("rows", *(each.value for row in operator.rows for each in row))
        return Rows(tuple(Cell(text=digest(form, place)) for place in range(operator.width)), form=form)

    def projection(self, operator: Projection, rows: Rows) -> Rows:
        """What is in each expression."""
        cells = tuple(self._reader.value(each, rows.cells) for each in operator.expressions)
        places = {told.index: new for new, told in enumerate(operator.expressions) if told.kind == "column"}
        keys = frozenset(frozenset(places[old] for old in key) for key in rows.keys if key <= places.keys())
        return replace(rows, cells=cells, keys=keys)

    def filter(self, operator: Filter, rows: Rows) -> Rows:
        """See :func:`filtered`."""
        found = filtered(operator.conditions, rows, self._reader, self._tables)
        if not operator.kept:
            return found
        return replace(found, cells=tuple(found.cells[place] for place in operator.kept), keys=frozenset())

    def aggregate(self, operator: Aggregate, rows: Rows) -> Rows:
        """See :class:`Grouping`."""
        groups = self._reader.values(operator.groups, rows.cells)
        measured = [self._measured(each, rows) for each in operator.aggregates]
        if operator.sets or operator.groupings:
            return self._several_groupings(operator, rows, groups, measured)
        return self._grouped(rows, groups, measured)

    def _grouped(self, rows: Rows, groups: Sequence[Cell], measured: Sequence[Measured]) -> Rows:
        grouping = Grouping(self._next(), rows, tuple(groups), self._tables)
        if (scan := grouping.of_persons()) is not None:
            return self._of_persons(grouping, scan, measured)
        form = digest("group", rows.form, *sorted(each.text for each in groups))
        cells = [grouping.key_cell(each) for each in groups]
        for each in measured:
            cell = grouping.group_cell(each)
            cells.append(replace(cell, text=digest(form, cell.text)))
        self._note(grouping, measured, form)
        keys = frozenset({frozenset(range(len(groups)))})
        return Rows(tuple(cells), grouping.presence(), keys=keys, form=form)

    def _note(self, grouping: Grouping, measured: Sequence[Measured], form: str) -> None:
        flows = joined_flows([grouping.selection, *(each.flows for each in measured)])
        sources = frozenset(str(each.source) for each in flows)
        line = next((each.line for each in measured if each.line), None)
        if datasets := grouping.rows.datasets:
            self.grouped[grouping.held] = GroupedRows(form, datasets, sources, bool(grouping.selection), line)

    def _of_persons(self, grouping: Grouping, scan: Scan, measured: Sequence[Measured]) -> Rows:
        rows = grouping.rows
        cells = [*grouping.groups, *(grouping.person_cell(each) for each in measured)]
        own = frozenset(each.origin[1] for each in grouping.groups if each.origin)
        keys = frozenset({frozenset(range(len(grouping.groups)))})
        form = digest("persons", rows.form, *sorted(each.text for each in grouping.groups))
        by = frozenset(replace(each.stepped("group", None), shape="joined") for each in grouping.keys)
        return replace(
            rows,
            cells=tuple(cells),
            presence=joined_flows([rows.presence, by]),
            scans=(replace(scan, key=own, twins=frozenset()),),
            keys=keys,
            form=form,
        )

    def _several_groupings(
        self, operator: Aggregate, rows: Rows, groups: Sequence[Cell], measured: Sequence[Measured]
    ) -> Rows:
        """ROLLUP, CUBE and GROUPING SETS: what is left out at one level is the rest of another."""
        keys = joined_flows([rows.presence, *(each.flows for each in groups)])
        cells = [Cell(hardened(joined_flows([each.flows, keys]), "rollup"), text=each.text) for each in groups]
        cells += [
            Cell(hardened(joined_flows([each.flows, keys]), each.told.name, each.line), text=each.text)
            for each in measured
        ]
        cells += [Cell(hardened(keys, "grouping")) for _ in range(operator.groupings)]
        form = digest("sets", rows.form, operator.sets, *(each.text for each in groups))
        self._note(Grouping(self._next(), rows, tuple(groups), self._tables), measured, form)
        return Rows(tuple(cells), hardened(keys, "rollup"), form=form)

    def _measured(self, told: PlanExpression, rows: Rows) -> Measured:
        reader, cells = self._reader, rows.cells
        args = tuple(reader.values(told.args, cells))
        others = tuple(reader.values((*((told.filter,) if told.filter else ()), *told.order), cells))
        text = digest(told.name, told.distinct, *(each.text for each in (*args, *others)))
        return Measured(told, args, others, text, reader.line(told))

    def join(self, operator: Join, left: Rows, right: Rows) -> Rows:
        """See :func:`joined`."""
        return joined(operator, left, right, self._reader, self._tables)

    def outer(self, operator: OuterColumns, outside: Sequence[tuple[Join, Rows]]) -> Rows:
        """Any of the columns outside, in any of the joins around it."""
        cells = [NOTHING] * len(operator.types)
        presence = NOTHING
        for join, left in outside:
            found = [hardened(self._reader.value(each, left.cells).flows) for each in join.correlated]
            everything = joined_flows(found)
            same = len(found) == len(cells)
            cells = [joined_flows([old, found[place] if same else everything]) for place, old in enumerate(cells)]
            presence = joined_flows([presence, hardened(left.presence), everything])
        keys = frozenset({frozenset(range(len(cells)))})
        form = digest("outer", id(operator))
        return Rows(
            tuple(Cell(each, text=digest(form, n)) for n, each in enumerate(cells)), presence, keys=keys, form=form
        )

    def set_operation(self, operator: SetOperation, inputs: Sequence[Rows]) -> Rows:
        """What is in the same column of any input."""
        width = len(inputs[0].cells)
        texts = [digest(operator.kind, operator.all, *(each.cells[n].text for each in inputs)) for n in range(width)]
        cells = tuple(
            Cell(hardened(joined_flows(each.cells[n].flows for each in inputs), operator.kind), text=texts[n])
            for n in range(width)
        )
        presence = [each.presence for each in inputs]
        if operator.kind != "union" or not operator.all:
            presence += [each.flows for each in cells]
        datasets = frozenset[str]().union(*(each.datasets for each in inputs))
        form = digest(operator.kind, operator.all, *(each.form for each in inputs), *texts)
        keys = frozenset({frozenset(range(width))}) if not operator.all else frozenset[frozenset[int]]()
        return Rows(cells, hardened(joined_flows(presence), operator.kind), datasets=datasets, form=form, keys=keys)

    def united(self, first: Rows, again: Rows) -> Rows:
        """Everything, in every column."""
        # Each round may carry a value one column further: every column counts as all of them.
        everything = hardened(joined_flows([first.flows, again.flows]), "recursion")
        cells = tuple(Cell(everything, text=f"recursive {place}") for place in range(len(first.cells)))
        return Rows(cells, everything, datasets=first.datasets | again.datasets, form="recursive")

    def window(self, operator: WindowColumns, rows: Rows) -> Rows:
        """What is in anything that the window reads."""
        made = []
        for each in operator.expressions:
            cell = self._reader.value(each, rows.cells)
            made.append(
                Cell(hardened(cell.flows, each.name, self._reader.line(each)), text=digest(rows.form, cell.text))
            )
        return replace(rows, cells=(*rows.cells, *made))

    def unnest(self, operator: UnnestColumns, rows: Rows) -> Rows:
        """What is in the lists, which decide about the rows too."""
        made = [self._reader.value(each, rows.cells) for each in operator.expressions]
        flows = hardened(joined_flows(each.flows for each in made), "unnest")
        cells = (Cell(hardened(each.flows, "unnest"), text=digest("unnest", each.text)) for each in made)
        scans = tuple(replace(each, once=False) for each in rows.scans)
        form = digest("unnest", rows.form, *(each.text for each in made))
        presence = joined_flows([rows.presence, flows])
        return replace(rows, cells=(*rows.cells, *cells), presence=presence, scans=scans, keys=frozenset(), form=form)

    def ordered(self, operator: Ordered, rows: Rows) -> Rows:
        """What is in the keys decides about the rows."""
        keys = [self._reader.value(each, rows.cells) for each in operator.keys]
        asked = hardened(joined_flows(each.flows for each in keys), "order")
        form = digest("order", rows.form, id(operator)) if operator.limited else rows.form
        return replace(rows, presence=joined_flows([rows.presence, asked]), form=form)

    def distinct(self, operator: Distinct, rows: Rows) -> Rows:
        """As a group of all columns; DISTINCT ON chooses rows by its keys and its order."""
        if not operator.keys:
            return self._grouped(rows, rows.cells, ())
        keys = self._reader.values(operator.keys, rows.cells)
        order = self._reader.values(operator.order, rows.cells)
        asked = hardened(joined_flows(each.flows for each in (*keys, *order)), "distinct")
        form = digest("distinct", rows.form, *(each.text for each in (*keys, *order)))
        cells = tuple(replace(each, flows=joined_flows([each.flows, asked])) for each in rows.cells)
        return replace(rows, cells=cells, presence=joined_flows([rows.presence, asked]), form=form)

    def _next(self) -> int:
        self._number += 1
        return self._number
