"""The questions that a mart answers, with the answers of its published version."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.read.mart_reader import check_query, open_mart, run_mart_sql
from citylake.pipelines.read.query_limits import QueryLimits
from citylake.pipelines.site.report.report_ledger import plain_value
from citylake.schemas.model.element import Sensitivity
from citylake.schemas.model.mart import Mart
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MOST_ROWS: Final = 20
_LIMITS: Final = QueryLimits(timeout_s=10.0)


def mart_questions(lake: Lake, mart: Mart) -> list[dict[str, Any]]:
    """Return each question: ``id``, ``text``, ``select``, and ``answer`` (columns and at most 20 rows) or ``problem``.

    The site is read by whoever may see the ledger. So the answers of a mart for some readers only, or of one that may
    hold more than public data, are left out: both are None.
    """
    told = [{"id": each.id, "text": each.text.model_dump(), "select": each.sql.strip()} for each in mart.questions]
    blank = [{**each, "answer": None, "problem": None} for each in told]
    if not told or mart.readers or mart.highest != Sensitivity():
        return blank
    try:
        with _opened(lake, mart.mart) as connection:
            return [{**each, **_answered(connection, mart.mart, each["select"])} for each in told]
    except CitylakeError:
        # No version yet, or none that this process may open: the page says so elsewhere.
        return blank


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
