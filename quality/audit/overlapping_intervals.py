"""Finds intervals of one thing that overlap, in one pass over the rows in order of their beginnings."""

from __future__ import annotations

from collections.abc import Sequence

from citylake.quality.audit.audit_input import CheckedRows
from citylake.quality.duckdb_views import quote_column
from citylake.schemas.model.expectations import DisjointIntervals

MAX_EXAMPLES = 5
FRESH = "__fresh"
"""A Boolean column of the rows: whether a row is of the batch. Only those are reported; without it, all are."""


def find_overlaps(
    checked: CheckedRows, intervals: DisjointIntervals, names: Sequence[str]
) -> tuple[int, tuple[str, ...]]:
    """Return how many rows overlap another row of the same thing, and examples: a row, and one that it overlaps.

    ``names``: the columns whose values name a row in an example. No pairs are joined: a row meets an earlier one if
    the greatest end so far is after its beginning, and a later one if the next beginning is before its end.
    """
    before = "<=" if intervals.closed else "<"
    by = ", ".join(f"b{number}" for number in range(len(intervals.by)))
    rows, examples = checked.one(f"""
        WITH rows AS ({_judged_rows(checked, intervals, names, before)}),
        met AS (
            SELECT
                name, fresh,
                coalesce(bool_or(e IS NULL) OVER earlier OR s {before} max(e) OVER earlier, false) AS meets_earlier,
                coalesce(lead(s) OVER each_thing {before} e, lead(s) OVER each_thing IS NOT NULL) AS meets_later,
                arg_max(name, (e IS NULL, e)) OVER earlier AS earlier_name,
                lead(name) OVER each_thing AS later_name,
                lead(fresh) OVER each_thing AS later_fresh
            FROM rows
            WINDOW
                each_thing AS (PARTITION BY {by} ORDER BY s, e NULLS LAST, name),
                earlier AS (
                    PARTITION BY {by} ORDER BY s, e NULLS LAST, name
                    ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
                )
        ),
        pairs AS (
            SELECT concat(name, ' / ', CASE WHEN meets_earlier THEN earlier_name ELSE later_name END) AS pair
            FROM met WHERE fresh AND (meets_earlier OR (meets_later AND NOT later_fresh))
        )
        SELECT (SELECT count(*) FROM met WHERE fresh AND (meets_earlier OR meets_later)),
               (SELECT list(pair ORDER BY pair) FROM (FROM pairs ORDER BY pair LIMIT {MAX_EXAMPLES}))""")
    return int(rows), tuple(examples or ())


def _judged_rows(checked: CheckedRows, intervals: DisjointIntervals, names: Sequence[str], before: str) -> str:
    """Return the SELECT of the intervals that hold something, each with its name."""
    start, end = quote_column(intervals.start), quote_column(intervals.end)
    things = [quote_column(column) for column in intervals.by]
    listed = ", ".join(f"{column} AS b{number}" for number, column in enumerate(things))
    named = ", ".join(f"{quote_column(column)}::VARCHAR" for column in names)
    span = f"concat('(', {start}::VARCHAR, ' … ', {end}::VARCHAR, ')')"
    present = " AND ".join(f"{column} IS NOT NULL" for column in [*things, start])
    return f"""
        SELECT {listed}, {start} AS s, {end} AS e, {FRESH if FRESH in checked.columns else "true"} AS fresh,
            concat_ws(' ', {named}, {span}) AS name
        FROM {checked.view} WHERE {present} AND ({end} IS NULL OR {start} {before} {end})"""
