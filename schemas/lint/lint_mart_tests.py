"""Checks of the tests beside SELECTs: their tables, inputs, columns and values are those of the declarations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.lint_reading import explain_invalid
from citylake.schemas.lint.yaml_location import sub_location
from citylake.schemas.model.element import DataElement
from citylake.schemas.model.mart import Mart
from citylake.schemas.model.mart_test import MartTest
from citylake.schemas.read.given_values import value_fault
from citylake.schemas.read.mart_tests import (
    KnownColumns,
    columns_of_several_codes,
    input_columns,
    mart_test_files,
    read_mart_tests,
    table_columns,
)
from citylake.schemas.read.registry import InvalidDeclaration, Registry, YamlLocation
from citylake.schemas.sql.sql_columns import readable_tables
from citylake.schemas.words.message_catalogue import issue_types


def check_mart_tests(registry: Registry) -> Iterator[LintFault]:
    """Every fault of every file of tests."""
    for mart in registry.marts.values():
        for table, path in mart_test_files(mart, registry).items():
            yield from faults_of_tests(mart, table, path, registry)


def faults_of_tests(mart: Mart, table: str, path: Path, registry: Registry) -> Iterator[LintFault]:
    """The faults of one file of tests."""
    if table not in mart.tables:
        values = {"file": path.name, "mart": mart.mart, "suggestion": nearest_words(table, mart.tables)}
        yield LintFault("MART_TEST_WITHOUT_TABLE", YamlLocation(path), values, 1)
        return
    for number, test in enumerate(read_mart_tests(path)):
        if isinstance(test, InvalidDeclaration):
            yield from explain_invalid(test)
        else:
            yield from _test_faults(mart, table, test, YamlLocation(path, (number,)), registry)


def _test_faults(
    mart: Mart, table: str, test: MartTest, place: YamlLocation, registry: Registry
) -> Iterator[LintFault]:
    yield from _input_faults(mart, table, test, place, registry)
    for word, given in (("given", test.given), ("defaults", {name: (row,) for name, row in test.defaults.items()})):
        for name, rows in given.items():
            if known := input_columns(name, mart, registry):
                keys = (word, name)
                several = columns_of_several_codes(name, registry)
                yield from _row_faults(rows, known, keys, place, registry, several, single=word == "defaults")
    if test.expect.rows is not None:
        columns = table_columns(mart, table, registry)
        yield from _row_faults(test.expect.rows, columns, ("expect", "rows"), place, registry)
    if test.expect.error and test.expect.error not in issue_types():
        near = nearest_words(test.expect.error, issue_types())
        here = sub_location(place, "expect", "error")
        yield LintFault("MART_TEST_ERROR_UNKNOWN", here, {"code": test.expect.error, "suggestion": near})


def _input_faults(
    mart: Mart, table: str, test: MartTest, place: YamlLocation, registry: Registry
) -> Iterator[LintFault]:
    file = registry.places["mart", mart.mart].path.parent / f"{table}.sql"
    select = file.read_text(encoding="utf-8", errors="replace") if file.exists() else ""
    read = {".".join(parts) for parts in readable_tables(select)}
    for word, names in (("given", test.given), ("defaults", test.defaults)):
        for name in names:
            if name not in read:
                values = {"name": name, "file": file.name, "suggestion": nearest_words(name, sorted(read))}
                yield LintFault("MART_TEST_INPUT_UNREAD", sub_location(place, word, name), values)
    for name in sorted(read - test.given.keys()):
        # An optional dataset that is not declared has no rows anywhere.
        if name in registry.contracts or name not in mart.optional:
            values = {"name": name, "file": file.name, "suggestion": f"{name}: []"}
            yield LintFault("MART_TEST_INPUT_MISSING", sub_location(place, "given"), values)


def _row_faults(
    rows: tuple[Mapping[str, Any], ...],
    known: KnownColumns,
    keys: tuple[str, ...],
    place: YamlLocation,
    registry: Registry,
    several: frozenset[str] = frozenset(),
    *,
    single: bool = False,
) -> Iterator[LintFault]:
    for number, row in enumerate(rows):
        here = sub_location(place, *keys) if single else sub_location(place, *keys, number)
        where = ".".join(keys) if single else f"{'.'.join(keys)}[{number + 1}]"
        for column, value in row.items():
            field = sub_location(here, column)
            if column not in known:
                near = nearest_words(column, sorted(known))
                yield LintFault("COLUMN_UNKNOWN", field, {"column": column, "where": where, "suggestion": near})
            elif fault := _fault(value, known[column], registry, several=column in several):
                yield LintFault("MART_TEST_VALUE", field, {"column": column, "where": where, "value": value, **fault})


def _fault(value: Any, element: DataElement | None, registry: Registry, *, several: bool) -> dict[str, object] | None:
    """What is wrong with a value, or with the first wrong one of ``several`` codes."""
    parts = value.split(",") if several and isinstance(value, str) else [value]
    return next(filter(None, (value_fault(part, element, registry) for part in parts)), None)
