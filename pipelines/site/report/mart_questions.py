"""The questions that a mart answers, with the answers of its published version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.read.mart_reader import open_mart, run_mart_sql
from citylake.pipelines.read.query_gate import check_query
from citylake.pipelines.read.query_limits import QueryLimits
from citylake.pipelines.site.report.report_ledger import plain_value
from citylake.schemas.model.code_list import CodeList
from citylake.schemas.model.element import Sensitivity
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_ROWS: Final = 20
_LIMITS: Final = QueryLimits(timeout_s=10.0)


def mart_questions(lake: Lake, mart: Mart, registry: Registry) -> list[dict[str, Any]]:
    """Return each question: ``id``, ``text``, ``select``, and ``answer`` or ``problem``.

    An answer has ``columns``, at most 20 ``rows``, and ``names``: column → code → its name in both languages.

    The site is read by whoever may see the ledger. So the answers of a mart for some readers only, or of one that may
    hold more than public data, are left out: both are None.
    """
    told: list[dict[str, Any]] = [
        {"id": each.id, "text": each.text.model_dump(), "select": each.sql.strip()} for each in mart.questions
    ]
    blank = [{**each, "answer": None, "problem": None} for each in told]
    if not told or mart.readers or mart.highest != Sensitivity():
        return blank
    try:
        with _opened(lake, mart.mart) as connection:
            answered = [{**each, **_answered(connection, mart.mart, each["select"])} for each in told]
    except CitylakeError:
        # No version yet, or none that this process may open: the page says so elsewhere.
        return blank
    for each in answered:
        if each["answer"]:
            each["answer"]["names"] = _code_names(each["answer"], mart, registry)
    return answered


def _code_names(answer: dict[str, Any], mart: Mart, registry: Registry) -> dict[str, dict[str, Any]]:
    lists = _code_lists(mart, registry)
    return {
        column: {str(row[n]): _name(lists[column], row[n]) for row in answer["rows"] if _name(lists[column], row[n])}
        for n, column in enumerate(answer["columns"])
        if column in lists
    }


def _code_lists(mart: Mart, registry: Registry) -> dict[str, CodeList]:
    """Column → code list, of the columns of the mart's tables that have one."""
    elements = {
        name: registry.elements.get(column.element or "")
        for table in mart.tables.values()
        for name, column in table.columns.items()
    }
    lists = {name: registry.codes.get(element.codes or "") for name, element in elements.items() if element}
    return {name: found for name, found in lists.items() if found}


def _name(codes: CodeList, code: Any) -> dict[str, str] | None:
    """The newest name of a code in both languages."""
    named = [value.name for value in codes.values if value.code == code]
    return named[-1].model_dump() if named else None


@contextmanager
def _opened(lake: Lake, mart: str) -> Iterator[DuckDBPyConnection]:
    with open_mart(lake, mart, _LIMITS.settings(), changeable=()) as opened:
        yield opened.connection


def _answered(connection: DuckDBPyConnection, mart: str, sql: str) -> dict[str, Any]:
    try:
        check_query(mart, sql)
        columns, rows = run_mart_sql(connection, mart, sql, _LIMITS, MOST_ROWS)
    except CitylakeError as error:
        return {"answer": None, "problem": {language: error.say(language) for language in ("zh", "en")}}
    plain = [[plain_value(value) for value in row] for row in rows]
    return {"answer": {"columns": columns, "rows": plain}, "problem": None}
