"""Checks of ``expect`` in a mart: its columns exist, and so do the tables and datasets that it compares with."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import sub_location
from citylake.schemas.model.expectations import ConservedTotal, MartExpectations, MartReference
from citylake.schemas.model.mart import Mart, MartTable
from citylake.schemas.read.contract_columns import contract_columns
from citylake.schemas.read.registry import Registry, YamlLocation
from citylake.schemas.sql.sql_columns import condition_columns

ROW_COLUMNS = frozenset({"_batch", "_day", "_month", "_receipt", "_row", "_source", "_warnings", "_year"})
"""Columns of every standard table that no contract binds."""


def check_mart_expectations(registry: Registry) -> Iterator[LintFault]:
    """COLUMN_UNKNOWN, MART_INPUT_UNKNOWN, DAY_EXPECTATION_WITHOUT_DAY and RULE_UNREADABLE in ``expect``."""
    for mart in registry.marts.values():
        for name, table in mart.tables.items():
            place = sub_location(registry.places["mart", mart.mart], "tables", name, "expect")
            yield from _table_faults(mart, name, table, place, registry)


def _table_faults(
    mart: Mart, name: str, table: MartTable, place: YamlLocation, registry: Registry
) -> Iterator[LintFault]:
    expect = table.expect
    for keys, column in _mentions(expect):
        if column not in table.columns:
            yield _unknown_column(column, f"{name}.expect", table.columns, sub_location(place, *keys))
    if table.day is None and (expect.days_present or expect.shift):
        key = "days_present" if expect.days_present else "shift"
        yield LintFault("DAY_EXPECTATION_WITHOUT_DAY", sub_location(place, key), {"table": name, "key": key})
    for number, reference in enumerate(expect.references):
        yield from _reference_faults(mart, reference, sub_location(place, "references", number), registry)
    for column, total in expect.totals.items():
        yield from _total_faults(total, sub_location(place, "totals", column), registry)


def _mentions(expect: MartExpectations) -> Iterator[tuple[tuple[str | int, ...], str]]:
    yield from ((("completeness", column), column) for column in expect.completeness)
    yield from ((("unique", number), column) for number, each in enumerate(expect.unique) for column in each)
    yield from (
        (("intervals", number), column) for number, each in enumerate(expect.intervals) for column in each.columns
    )
    yield from ((("shift", column), column) for column in expect.shift)
    yield from ((("totals", column), column) for column in expect.totals)
    for number, reference in enumerate(expect.references):
        yield from ((("references", number, "columns"), column) for column in reference.columns)


def _reference_faults(
    mart: Mart, reference: MartReference, place: YamlLocation, registry: Registry
) -> Iterator[LintFault]:
    contract = registry.contracts.get(reference.table)
    if reference.table in mart.tables:
        known = set(mart.tables[reference.table].columns)
    elif contract is None:
        names = (*mart.tables, *registry.contracts)
        values = {"name": reference.table, "suggestion": nearest_words(reference.table, names)}
        yield LintFault("MART_INPUT_UNKNOWN", sub_location(place, "table"), values)
        return
    else:
        known = set(contract_columns(contract, registry) or ())
    for key in reference.keys:
        if known and key not in known | ROW_COLUMNS:
            yield _unknown_column(key, reference.table, known, sub_location(place, "keys"))


def _total_faults(total: ConservedTotal, place: YamlLocation, registry: Registry) -> Iterator[LintFault]:
    dataset, column = total.input(registry.contracts)
    contract = registry.contracts.get(dataset)
    if contract is None:
        values = {"name": total.source, "suggestion": nearest_words(dataset, registry.contracts)}
        yield LintFault("MART_INPUT_UNKNOWN", sub_location(place, "from"), values)
        return
    known = set(contract_columns(contract, registry) or ())
    if column and known and column not in known | ROW_COLUMNS:
        yield _unknown_column(column, dataset, known, sub_location(place, "from"))
    used = condition_columns(total.where) if total.where else frozenset()
    if isinstance(used, str):
        yield LintFault("RULE_UNREADABLE", sub_location(place, "where"), {"issue": "totals", "reason": used})
    elif known:
        for name in sorted(used - known - ROW_COLUMNS):
            yield _unknown_column(name, dataset, known, sub_location(place, "where"))


def _unknown_column(column: str, where: str, known: object, place: YamlLocation) -> LintFault:
    names = sorted(known) if isinstance(known, set | dict) else []
    return LintFault(
        "COLUMN_UNKNOWN", place, {"column": column, "where": where, "suggestion": nearest_words(column, names)}
    )
