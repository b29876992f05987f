"""The page of a mart: questions and answers, versions, checks, completeness, and what it reads."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from citylake.pipelines.marts.make.mart_plan import mart_sources
from citylake.pipelines.site.marts_page import mart_versions
from citylake.pipelines.site.report import ledger_statements as statements
from citylake.pipelines.site.report.mart_questions import mart_questions
from citylake.pipelines.site.report.open_needs import Need
from citylake.pipelines.site.report.report_input import ReportInput
from citylake.schemas.words.errors import CitylakeError


def mart_report(given: ReportInput, name: str, needs: list[Need]) -> dict[str, Any]:
    """Return the document of one declared mart."""
    mart = given.registry.marts[name]
    entry = next(each for each in given.overview["marts"] if each["mart"] == name)
    datasets, marts = _sources(given, name)
    return {
        "lake": given.lake.url,
        "at": given.now.isoformat(),
        **entry,
        "audience": mart.audience.model_dump(),
        "readers": mart.readers,
        "questions": mart_questions(given.lake, mart, given.registry),
        "needs": [need for need in needs if need["mart"] == name],
        "versions": mart_versions(given.request, name),
        "publications": given.ledger.table(statements.publications_by_day(name, given.now)),
        "last_checks": given.ledger.table(statements.last_checks(name, given.now)),
        "inputs": [each for each in given.overview["datasets"] if each["dataset"] in datasets],
        "input_marts": [{"mart": each, **given.request.mart_head(each)} for each in sorted(marts)],
        "tables": {
            table: {
                "title": declared.title.model_dump(),
                "grain": list(declared.grain),
                "columns": {column: of.element for column, of in declared.columns.items()},
            }
            for table, declared in mart.tables.items()
        },
    }


def _sources(given: ReportInput, name: str) -> tuple[set[str], set[str]]:
    # A mart whose SQL is faulty is reported by lint and by its run; its page is made all the same.
    with suppress(CitylakeError):
        return mart_sources(given.registry.marts[name], given.registry)
    return set(), set()
