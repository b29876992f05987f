"""Runs the tests of a mart's tables, one room of one engine after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

import duckdb

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.marts.make.delta_views import create_typed_table
from citylake.pipelines.marts.make.mart_engine import mart_engine, sql_identifier
from citylake.pipelines.marts.make.mart_plan import plan_mart_tables
from citylake.pipelines.marts.make.table_build import TableBuild, table_select_sql
from citylake.pipelines.marts.plan.bound_select import first_lines
from citylake.pipelines.marts.plan.mart_binder import MartBinder
from citylake.pipelines.marts.publish.mart_checks import run_mart_checks
from citylake.pipelines.marts.unit.compare_rows import row_differences
from citylake.pipelines.marts.unit.fixed_clock import fix_clock
from citylake.pipelines.marts.unit.given_tables import create_given_tables, insert_rows
from citylake.schemas.base.yaml_reader import YamlLines
from citylake.schemas.lint import locate_faults
from citylake.schemas.lint.lint_mart_tests import faults_of_tests
from citylake.schemas.model.mart import Mart
from citylake.schemas.model.mart_test import MartTest
from citylake.schemas.read.mart_tests import mart_test_files, read_mart_tests
from citylake.schemas.read.registry import Registry
from citylake.schemas.sql.sql_columns import readable_tables
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import current_language, render_issue, translate_key

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_EXPECTED: Final = "_expected"
_MEMORY: Final = "256MB"


@dataclass(frozen=True, slots=True)
class MartTestCase:
    """One test, and where it is written."""

    mart: str
    table: str
    test: MartTest
    file: Path
    line: int


@dataclass(frozen=True, slots=True)
class MartTestOutcome:
    """What became of a test. ``lines``: what differs, empty if it passed."""

    case: MartTestCase
    lines: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the SELECT returned what is expected."""
        return not self.lines


def find_mart_tests(registry: Registry, mart: str | None = None, table: str | None = None) -> list[MartTestCase]:
    """Return the tests of one table, of one mart, or of all marts. Raises MART_TEST_FAULTY, MART_UNKNOWN and
    MART_TEST_NOT_FOUND if there are none of a ``table`` that is asked for.
    """
    if mart is not None and mart not in registry.marts:
        raise CitylakeError("MART_UNKNOWN", mart=mart, known=", ".join(sorted(registry.marts)) or "—")
    chosen = [registry.marts[mart]] if mart else list(registry.marts.values())
    found = [
        case
        for each in chosen
        for name, path in mart_test_files(each, registry).items()
        if table in (None, name)
        for case in cases_of_file(registry, each, name, path)
    ]
    if table is not None and not found:
        raise CitylakeError("MART_TEST_NOT_FOUND", mart=mart, table=table)
    return found


def cases_of_file(registry: Registry, mart: Mart, table: str, path: Path) -> list[MartTestCase]:
    """Return the tests of one file. Raises MART_TEST_FAULTY with its first fault."""
    if faults := locate_faults(faults_of_tests(mart, table, path, registry)):
        first = {language: faults[0].say(language) for language in ("zh", "en")}
        raise CitylakeError("MART_TEST_FAULTY", count=len(faults), fault=first)
    lines = YamlLines(path)
    tests = [test for test in read_mart_tests(path) if isinstance(test, MartTest)]
    return [MartTestCase(mart.mart, table, test, path, lines.of((number,))) for number, test in enumerate(tests)]


class MartTester:
    """Runs tests of one registry, with the settings, functions and views of a build; it reads no lake."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._held = ExitStack()
        self._binder = self._held.enter_context(MartBinder(registry))
        self._lake = Lake(self._held.enter_context(scratch_folder()))
        self._engine = self._held.enter_context(mart_engine(self._lake, registry.workspace, _MEMORY))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the engine, and remove its folder."""
        self._held.close()

    def run(self, case: MartTestCase) -> MartTestOutcome:
        """Run one test."""
        expected, lines = case.test.expect.error, list[str]()
        try:
            for line in self._differences(case):
                lines.append(line)
            if expected:
                lines.append(translate_key("mart_tests.no_error", code=expected))
        except CitylakeError as error:
            if error.code != expected:
                lines.append(render_issue(error.code, error.values, current_language()))
        return MartTestOutcome(case, tuple(lines))

    def _differences(self, case: MartTestCase) -> Iterator[str]:
        mart, test = self._registry.marts[case.mart], case.test
        plan = plan_mart_tables(mart, self._registry)[case.table]
        work = TableBuild(mart, case.table, plan, self._registry, self._lake)
        with self._engine.room(plan.sql) as connection:
            create_given_tables(connection, self._binder, mart, plan, test)
            fix_clock(connection, test.now)
            try:
                select = table_select_sql(connection, work, None, None, {})
                connection.execute(f"CREATE TABLE {sql_identifier(case.table)} AS {select}")
            except duckdb.Error as error:
                raise CitylakeError("MART_SQL_FAILED", file=plan.file, reason=first_lines(str(error))) from error
            if test.expect.rows is not None:
                yield from _compared(connection, case, mart)
            _check(connection, mart, case.table, test)


def _compared(connection: DuckDBPyConnection, case: MartTestCase, mart: Mart) -> Iterator[str]:
    """The differences between the table and the expected rows, which get the types of its columns."""
    rows = case.test.expect.rows or ()
    shape = {row[0]: row[1] for row in connection.execute(f"DESCRIBE {sql_identifier(case.table)}").fetchall()}
    create_typed_table(connection, (_EXPECTED,), shape)
    insert_rows(connection, "expect", sql_identifier(_EXPECTED), shape, rows)
    found, expected = (_read(connection, table, shape) for table in (case.table, _EXPECTED))
    if case.test.expect.columns == "some":
        named = set().union(*rows)
        expected = [{name: row[name] for name in row if name in named} for row in expected]
        found = [{name: row[name] for name in row if name in named} for row in found]
    yield from row_differences(expected, found, mart.tables[case.table].grain, ordered=case.test.expect.ordered)


def _read(connection: DuckDBPyConnection, table: str, shape: Mapping[str, str]) -> Sequence[dict[str, object]]:
    """The rows as numbers and as texts, which are those of the session's zone."""
    columns = [
        f"{sql_identifier(name)}::DOUBLE" if kind in ("DOUBLE", "FLOAT") else f"{sql_identifier(name)}::VARCHAR"
        for name, kind in shape.items()
    ]
    rows = connection.execute(f"SELECT {', '.join(columns)} FROM {sql_identifier(table)} ORDER BY rowid").fetchall()
    return [dict(zip(shape, row, strict=True)) for row in rows]


def _check(connection: DuckDBPyConnection, mart: Mart, table: str, test: MartTest) -> None:
    """Raise MART_CHECK_FAILED if the grain or a check of the table does not hold.

    Checks that read other tables run only if the test gives these.
    """
    declared, given = mart.tables[table], {table, *test.given}
    checks = tuple(
        each for each in declared.checks if {".".join(parts) for parts in readable_tables(each.sql)} <= given
    )
    only = mart.model_copy(update={"tables": {table: declared.model_copy(update={"checks": checks})}})
    for found in run_mart_checks(connection, only):
        if found.problem and found.severity == "error":
            raise CitylakeError(found.problem.code, **found.problem.values)
