"""What WHERE and HAVING do to flows: which rows are chosen by constants, and which groups are known to be large."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from citylake.pipelines.marts.leaks.cell_values import CellReader, cleared
from citylake.pipelines.marts.leaks.flows import Cell, Flow, Flows, Rows, Scan, digest, hardened, joined_flows
from citylake.pipelines.marts.leaks.source_columns import SourceTable
from citylake.pipelines.marts.plan.plan_expressions import PlanExpression

_CHOOSING: Final = frozenset({"compare_in", "compare_not_in", "operator_is_null", "operator_is_not_null"})
_EMPTY: Final = frozenset({"operator_is_null", "operator_is_not_null"})
_FILLING: Final = frozenset({"compare_in", "compare_not_in", "operator_is_not_null"})


def filtered(
    conditions: Iterable[PlanExpression], rows: Rows, reader: CellReader, tables: Mapping[str, SourceTable]
) -> Rows:
    """Return the rows that meet the conditions."""
    all_of = [each for told in conditions for each in _conjuncts(told)]
    guards = [guard for each in all_of for guard in reader.guards(each, rows.cells)]
    cells = tuple(replace(cell, flows=cleared(cell.flows, guards)) for cell in rows.cells)
    presence, texts = [cleared(rows.presence, guards)], list[str]()
    filled, scans = set(rows.filled), list(rows.scans)
    for told in all_of:
        found = reader.value(told, cells)
        texts.append(found.text)
        presence.append(_chosen(told, found, cells, reader))
        filled |= set(_filled(told, cells))
        scans = [_narrowed(scan, told, cells, tables) for scan in scans]
    form = digest("where", rows.form, *sorted(texts))
    made = replace(rows, cells=cells, presence=joined_flows(presence), scans=tuple(scans), form=form)
    return replace(made, filled=frozenset(filled))


def _conjuncts(told: PlanExpression) -> Iterator[PlanExpression]:
    if told.name == "conjunction_and":
        for each in told.args:
            yield from _conjuncts(each)
    else:
        yield told


def _chosen(told: PlanExpression, found: Cell, cells: Sequence[Cell], reader: CellReader) -> Flows:
    """What decides about a row by one condition."""
    if not found.flows:
        return found.flows
    line = reader.line(told)
    if not _is_choice(told, cells, reader):
        return hardened(found.flows, "filter", line)
    read = joined_flows(cells[place].flows for place in told.columns())
    return frozenset(replace(each.stepped("filter", line), shape="selected") for each in read)


def _is_choice(told: PlanExpression, cells: Sequence[Cell], reader: CellReader) -> bool:
    """Whether rows are chosen by comparing columns of codes, numbers or days with constants."""
    if told.kind == "conjunction" or told.name == "operator_not":
        return all(_is_choice(each, cells, reader) for each in told.args)
    if told.kind == "column":
        return all(each.shape == "selected" for each in cells[told.index].flows)
    if told.kind not in ("comparison", "between") and told.name not in _CHOOSING:
        return not reader.value(told, cells).flows
    values = reader.values(told.args, cells)
    flowing = [each for each in values if each.flows]
    constant = all(each.constant for each in values if not each.flows)
    flows = joined_flows(each.flows for each in values)
    return constant and len(flowing) <= 1 and all(_is_comparable(each, told.name in _EMPTY) for each in flows)


def _is_comparable(flow: Flow, only_empty: bool) -> bool:
    open_roles = ("category", "quantity", "date")
    return (
        flow.shape == "plain" and not flow.held and bool(flow.scan) and (only_empty or flow.source.role in open_roles)
    )


def _filled(told: PlanExpression, cells: Sequence[Cell]) -> Iterator[tuple[int, str]]:
    """Columns of scans that have a value where the condition is true."""
    if told.kind in ("comparison", "between") and "distinct" not in told.name:
        asked: Iterable[PlanExpression] = told.args
    else:
        asked = told.args[:1] if told.name in _FILLING else ()
    for each in asked:
        if each.kind == "column" and (origin := cells[each.index].origin):
            yield origin


def _narrowed(scan: Scan, told: PlanExpression, cells: Sequence[Cell], tables: Mapping[str, SourceTable]) -> Scan:
    """The scan where a column of its key has one value: its rows differ in the others."""
    if scan.key is None:
        return scan
    table, fixed = tables[scan.dataset], set[str]()
    for name in _own_columns(told, scan, cells):
        if told.name == "compare_equal" and any(_is_constant(each) for each in told.args):
            fixed.add(name)
        if told.name == "operator_is_null" and name == table.ends and table.starts:
            fixed.add(table.starts)
    return replace(scan, key=scan.key - fixed)


def _own_columns(told: PlanExpression, scan: Scan, cells: Sequence[Cell]) -> Iterator[str]:
    for each in told.args:
        if each.kind == "column" and (origin := cells[each.index].origin) and origin[0] == scan.number:
            yield origin[1]


def _is_constant(told: PlanExpression) -> bool:
    while told.kind == "cast":
        told = told.args[0]
    return told.kind == "constant"
