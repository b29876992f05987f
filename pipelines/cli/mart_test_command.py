"""``citylake mart test``: runs the tests beside the SELECTs of marts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from citylake.pipelines.marts.unit.run_mart_tests import MartTestOutcome


def cli_mart_test(
    context: typer.Context,
    mart: Annotated[str | None, typer.Argument(help="The mart (default: every mart).")] = None,
    table: Annotated[str | None, typer.Argument(help="One table of it.")] = None,
    as_json: JsonOption = False,
) -> int:
    """Run the tests of marts: files TABLE.test.yaml beside the SELECTs.

    Each gives rows to a SELECT and states the rows that it must return. No lake is read. Exit code 2 if a test fails.
    """
    from citylake.pipelines.marts.unit.run_mart_tests import MartTester, find_mart_tests

    shared: SharedOptions = context.obj
    registry = shared.registry()
    cases = find_mart_tests(registry, mart, table)
    with MartTester(registry) as tester:
        outcomes = [tester.run(case) for case in cases]
    failed = sum(not each.passed for each in outcomes)
    if as_json:
        print_json({"tests": len(outcomes), "failed": failed, "outcomes": list(map(_document, outcomes))})
        return 2 if failed else 0
    for each in outcomes:
        for line in _lines(each):
            print_text(line)
    print_text(translate_key("mart_tests.summary", passed=len(outcomes) - failed, failed=failed))
    return 2 if failed else 0


def _lines(outcome: MartTestOutcome) -> list[str]:
    from citylake.schemas.lint.lint_finding import display_path

    case = outcome.case
    values = {"table": f"{case.mart}.{case.table}", "name": case.test.name}
    if outcome.passed:
        return [translate_key("mart_tests.passed", **values)]
    where = f"{display_path(case.file)}:{case.line}"
    return [translate_key("mart_tests.failed", where=where, **values), *(f"  {line}" for line in outcome.lines)]


def _document(outcome: MartTestOutcome) -> dict[str, object]:
    from citylake.schemas.lint.lint_finding import display_path

    case = outcome.case
    where = {"file": display_path(case.file), "line": case.line}
    names = {"mart": case.mart, "table": case.table, "name": case.test.name}
    return {**names, **where, "passed": outcome.passed, "differences": list(outcome.lines)}
