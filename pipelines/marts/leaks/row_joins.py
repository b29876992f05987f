"""What a join does to flows: who is brought together with whom, and whether a row may then occur twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

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
from citylake.pipelines.marts.leaks.source_columns import SourceTable
from citylake.pipelines.marts.plan.plan_operators import Join

_EQUAL = ("compare_equal", "equal")


@dataclass(frozen=True, slots=True)
class Pair:
    """One condition of a join, with the cells of both sides. ``persons``: it brings together records of one person."""

    left: Cell
    right: Cell
    comparison: str
    persons: bool


def joined(join: Join, left: Rows, right: Rows, reader: CellReader, tables: Mapping[str, SourceTable]) -> Rows:
    """Return the rows of a join of any kind."""
    left, right = _loosened(left), _loosened(right)
    pairs = _pairs(join, left, right, reader, tables)
    asked = joined_flows([_asked(pairs, join), _condition(join, left, right, reader)])
    form = _form(join, left, right, pairs, reader)
    match join.kind:
        case "semi" | "anti":
            return replace(left, presence=joined_flows([left.presence, asked, hardened(right.presence)]), form=form)
        case "right_semi" | "right_anti":
            return replace(right, presence=joined_flows([right.presence, asked, hardened(left.presence)]), form=form)
        case "mark":
            cell = Cell(_marked(pairs, asked, right, join), text=form)
            return replace(left, cells=(*left.cells, cell))
        case "single":
            inside = hardened(joined_flows([asked, right.presence]), "subquery")
            cells = (
                Cell(joined_flows([hardened(each.flows, "subquery"), inside]), text=digest(form, each.text))
                for each in right.cells
            )
            return replace(left, cells=(*left.cells, *cells), datasets=left.datasets | right.datasets)
        case _:
            return _product(join, left, right, pairs, asked, form, tables)


def _loosened(rows: Rows) -> Rows:
    """Rows of which no flow is held: a guard is that of its own row."""
    cells = tuple(
        replace(each, flows=frozenset(flow.hardened() if flow.held else flow for flow in each.flows), guard=None)
        for each in rows.cells
    )
    presence = frozenset(flow.hardened() if flow.held else flow for flow in rows.presence)
    return replace(rows, cells=cells, presence=presence)


def _pairs(join: Join, left: Rows, right: Rows, reader: CellReader, tables: Mapping[str, SourceTable]) -> list[Pair]:
    found = []
    for each in join.conditions:
        own, other = reader.value(each.left, left.cells), reader.value(each.right, right.cells)
        exact = each.comparison in _EQUAL and not join.asof and not join.positional
        persons = exact and _is_person(own, left, tables) and _is_person(other, right, tables)
        found.append(Pair(own, other, each.comparison, persons))
    return found


def _is_person(cell: Cell, rows: Rows, tables: Mapping[str, SourceTable]) -> bool:
    if cell.origin is None:
        return False
    scan = rows.scan(cell.origin[0])
    return scan is not None and tables[scan.dataset].person == cell.origin[1]


def _asked(pairs: Iterable[Pair], join: Join) -> Flows:
    flows = list[Flows]()
    for pair in pairs:
        both = joined_flows([pair.left.flows, pair.right.flows])
        # The rows of a left join are the persons of its left side, whoever else is found.
        number = pair.left.origin[0] if pair.left.origin and join.kind == "left" else 0
        flows.append(frozenset(_as_joined(each, number) for each in both) if pair.persons else hardened(both, "join"))
    return joined_flows(flows)


def _as_joined(flow: Flow, number: int) -> Flow:
    return replace(flow.stepped("join", None), shape="joined", scan=number or flow.scan)


def _condition(join: Join, left: Rows, right: Rows, reader: CellReader) -> Flows:
    if join.positional:
        return hardened(joined_flows([left.presence, right.presence]), "join")
    if join.condition is None:
        return NOTHING
    found = reader.value(join.condition, (*left.cells, *right.cells))
    return hardened(found.flows, "join", reader.line(join.condition))


def _marked(pairs: Sequence[Pair], asked: Flows, right: Rows, join: Join) -> Flows:
    """Whether a record of the person is among others: as a code of the person, if all that decides is chosen so."""
    inside = joined_flows([asked, right.presence])
    numbers = {pair.left.origin[0] for pair in pairs if pair.persons and pair.left.origin}
    chosen = all(each.shape in ("selected", "joined") and each.scan for each in inside)
    if len(pairs) != 1 or len(numbers) != 1 or not chosen or join.condition is not None:
        return hardened(inside, "subquery")
    number = next(iter(numbers))
    return frozenset(replace(each.stepped("subquery", None), shape="selected", scan=number) for each in inside)


def _product(
    join: Join,
    left: Rows,
    right: Rows,
    pairs: list[Pair],
    asked: Flows,
    form: str,
    tables: Mapping[str, SourceTable],
) -> Rows:
    plain = not (join.asof or join.positional)
    equal = [pair for pair in pairs if pair.comparison in _EQUAL and plain]
    left_once = plain and _is_unique(right, [pair.right for pair in equal], tables)
    right_once = plain and _is_unique(left, [pair.left for pair in equal], tables)
    linked = [
        (pair.left.origin[0], pair.right.origin[0])
        for pair in pairs
        if pair.persons and pair.left.origin and pair.right.origin
    ]
    scans = [
        *(_joined_scan(each, left_once, join.kind in ("inner", "left")) for each in left.scans),
        *(_joined_scan(each, right_once, join.kind in ("inner", "right")) for each in right.scans),
    ]
    # One reading on both sides, of a common table: a row is brought together with others of its own.
    twice = {each.number for each in left.scans} & {each.number for each in right.scans}
    scans = [each for each in scans if each.number not in twice]
    if join.kind == "inner":
        scans = _linked(scans, linked)
    cells = (*_picked(left, join.left_kept), *_picked(right, join.right_kept))
    return Rows(
        tuple(replace(each, constant=False) for each in cells),
        joined_flows([left.presence, right.presence, asked]),
        tuple(scans),
        _kept_keys(left, right, left_once, right_once, join),
        _kept_filled(left, right, join),
        left.datasets | right.datasets,
        form,
    )


def _picked(rows: Rows, kept: tuple[int, ...]) -> Sequence[Cell]:
    return [rows.cells[place] for place in kept] if kept else rows.cells


def _joined_scan(scan: Scan, once: bool, present: bool) -> Scan:
    return replace(scan, once=scan.once and once, present=scan.present and present)


def _linked(scans: list[Scan], links: Iterable[tuple[int, int]]) -> list[Scan]:
    for first, second in links:
        groups = [{each.number, *each.twins} for each in scans if each.number in (first, second)]
        together = frozenset().union(*groups)
        scans = [replace(each, twins=together - {each.number}) if each.number in together else each for each in scans]
    return scans


def _is_unique(rows: Rows, by: Sequence[Cell], tables: Mapping[str, SourceTable]) -> bool:
    """Whether no two rows are equal in the columns ``by``."""
    places = {place for place, cell in enumerate(rows.cells) if any(cell is each for each in by)}
    if any(key <= places for key in rows.keys):
        return True
    for scan in rows.scans:
        named = {each.origin[1] for each in by if each.origin and each.origin[0] == scan.number}
        if scan.key is not None and scan.once and scan.present and named and scan.key <= named:
            return True
    return False


def _kept_keys(left: Rows, right: Rows, left_once: bool, right_once: bool, join: Join) -> frozenset[frozenset[int]]:
    if join.left_kept or join.right_kept:
        return frozenset()
    found = set(left.keys) if left_once and join.kind in ("inner", "left") else set()
    if right_once and join.kind in ("inner", "right"):
        found |= {frozenset(place + len(left.cells) for place in key) for key in right.keys}
    return frozenset(found)


def _kept_filled(left: Rows, right: Rows, join: Join) -> frozenset[tuple[int, str]]:
    found = left.filled if join.kind in ("inner", "left") else frozenset()
    return found | right.filled if join.kind in ("inner", "right") else found


def _form(join: Join, left: Rows, right: Rows, pairs: Sequence[Pair], reader: CellReader) -> str:
    asked = sorted(digest(pair.left.text, pair.comparison, pair.right.text) for pair in pairs)
    more = reader.value(join.condition, (*left.cells, *right.cells)).text if join.condition else ""
    same = left.datasets & right.datasets
    # Columns of two readings of one dataset have the same text: such rows are like no others.
    unlike = id(join) if same or join.correlated else ""
    return digest("join", join.kind, join.asof, join.positional, left.form, right.form, *asked, more, unlike)
