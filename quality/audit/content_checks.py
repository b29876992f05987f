"""Checks on row contents: completeness of columns, and uniqueness of column sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from citylake.quality.audit.audit_input import CheckedRows, check_outcome
from citylake.quality.check_result import CheckResult
from citylake.quality.duckdb_views import quote_column
from citylake.schemas.words.errors import Problem


def check_completeness(checked: CheckedRows, promised: Mapping[str, float]) -> Iterator[CheckResult]:
    """Yield one check per column of ``promised`` (column → least share with a value). No rows pass."""
    known = [column for column in promised if column in checked.columns]
    counts = [0] * (len(known) + 1)
    if known:
        counts = list(
            checked.one(f"SELECT count(*), {', '.join(f'count({quote_column(c)})' for c in known)} FROM {checked.view}")
        )
    filled = dict(zip(known, counts[1:], strict=True))
    for column, least in promised.items():
        name, expected = f"completeness.{column}", f"≥ {least:.2%}"
        absent = checked.missing(name, (column,), expected)
        yield absent or _complete(checked, column, filled.get(column, 0), counts[0], least)


def _complete(checked: CheckedRows, column: str, filled: int, rows: int, least: float) -> CheckResult:
    share = filled / rows if rows else 1.0
    values = {
        "dataset": checked.subject,
        "column": column,
        "empty": rows - filled,
        "rows": rows,
        "share": f"{share:.2%}",
        "least": f"{least:.2%}",
    }
    problem = Problem("COLUMN_INCOMPLETE", values) if share < least else None
    return check_outcome(f"completeness.{column}", problem, f"{share:.2%}", f"≥ {least:.2%}")


def check_unique(checked: CheckedRows, promised: Sequence[Sequence[str]]) -> Iterator[CheckResult]:
    """Yield one check per column set of ``promised``.

    As in SQL, a row with a null in the set is never a duplicate.
    """
    for columns in promised:
        name = f"unique.{'+'.join(columns)}"
        yield checked.missing(name, columns, "0 repeated") or _unique(checked, name, columns)


def _unique(checked: CheckedRows, name: str, columns: Sequence[str]) -> CheckResult:
    groups, rows, example = _repeats(checked, columns) if checked.columns else (0, 0, None)
    values = {
        "dataset": checked.subject,
        "columns": ", ".join(columns),
        "groups": groups,
        "rows": rows,
        "example": example,
    }
    problem = Problem("NOT_UNIQUE", values) if groups else None
    return check_outcome(
        name, problem, f"{groups:,} repeated" + (f", such as {example}" if groups else ""), "0 repeated"
    )


def _repeats(checked: CheckedRows, columns: Sequence[str]) -> tuple[int, int, str | None]:
    listed = ", ".join(map(quote_column, columns))
    present = " AND ".join(f"{quote_column(column)} IS NOT NULL" for column in columns)
    shown = ", ".join(f"{quote_column(column)}::VARCHAR" for column in columns)
    groups, rows, example = checked.one(f"""
        SELECT count(*), coalesce(sum(n), 0), min(example) FROM (
            SELECT count(*) AS n, concat_ws(' / ', {shown}) AS example
            FROM {checked.view} WHERE {present} GROUP BY {listed} HAVING count(*) > 1)""")
    return int(groups), int(rows), example
