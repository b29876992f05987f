"""Rows that only one of two readings refuses, with their reasons."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from citylake.pipelines.lake.row_id import RowId
from citylake.pipelines.trial.compare_columns import MASKED
from citylake.pipelines.trial.pair_rows import file_list
from citylake.pipelines.trial.trial_result import ReasonCount, RowChanges, RowExample

if TYPE_CHECKING:
    import duckdb

EXAMPLES = 5
_PLACE = "_receipt, _part, _row, _number"


def compare_refused(
    connection: duckdb.DuckDBPyConnection, today: Sequence[str], changed: Sequence[str], shown: Collection[str]
) -> tuple[RowChanges, RowChanges, int]:
    """The rows that become bad, those that become good, and the number of those refused for other reasons."""
    for name, files in (("today", today), ("changed", changed)):
        connection.execute(f"CREATE VIEW refused_{name} AS {_refused_rows(files)}")
    bad = _only(connection, "refused_changed", "refused_today", shown)
    good = _only(connection, "refused_today", "refused_changed", shown)
    other = connection.execute(
        f"SELECT count(*) FROM refused_today t JOIN refused_changed c USING ({_PLACE})"
        " WHERE list_sort(t.codes) IS DISTINCT FROM list_sort(c.codes)"
    ).fetchone()
    return bad, good, int(other[0]) if other else 0


def _refused_rows(files: Sequence[str]) -> str:
    """The rows that were refused whole; those of one source row and part are numbered by their reasons."""
    if not files:
        none = "NULL::VARCHAR AS _receipt, NULL::VARCHAR AS _part, NULL::BIGINT AS _row, NULL::BIGINT AS _number"
        reason = "STRUCT(code VARCHAR, field VARCHAR, value VARCHAR, detail VARCHAR)[]"
        return f"SELECT {none}, NULL::VARCHAR[] AS codes, NULL::{reason} AS reasons WHERE false"
    number = "row_number() OVER (PARTITION BY _receipt, _part, _row ORDER BY key, raw) AS _number"
    return (
        f"SELECT _receipt, coalesce(_part, '') AS _part, _row, {number}, codes, reasons"
        f" FROM read_parquet({file_list(files)}, union_by_name = true, hive_partitioning = false) WHERE refused IS NULL"
    )


def _only(connection: duckdb.DuckDBPyConnection, mine: str, other: str, shown: Collection[str]) -> RowChanges:
    rows = f"FROM {mine} ANTI JOIN {other} USING ({_PLACE})"
    count = connection.execute(f"SELECT count(*) {rows}").fetchone()
    if not count or not count[0]:
        return RowChanges()
    codes = f"SELECT code, count(*) FROM (SELECT unnest(list_distinct(codes)) AS code {rows}) GROUP BY code"
    reasons = connection.execute(f"{codes} ORDER BY count(*) DESC, code").fetchall()
    first = f"SELECT _receipt, _row, _part, reasons[1] {rows} ORDER BY _receipt, _part, _row, _number LIMIT {EXAMPLES}"
    examples = [
        _example(RowId(receipt, row, part), reason, shown)
        for receipt, row, part, reason in connection.execute(first).fetchall()
    ]
    return RowChanges(int(count[0]), tuple(ReasonCount(*each) for each in reasons), tuple(examples))


def _example(row: RowId, reason: dict[str, str | None], shown: Collection[str]) -> RowExample:
    field, value = reason["field"] or "", reason["value"]
    return RowExample(str(row), reason["code"] or "", field, value if field in shown or value is None else MASKED)
