"""The SQL of the report site: statements over the ledger that ``citylake ledger`` runs as they are.

Times are literals, so that a statement gives the number of its page also after the ledger has grown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from citylake.pipelines.marts.make.mart_engine import sql_literal
from citylake.pipelines.site.report.report_ledger import sql_list, sql_moment
from citylake.quality.check_result import DIMENSION_BY_NAME, DIMENSIONS

DAYS_SHOWN: Final = 90
"""Days of a chart over time."""
ISSUE_DAYS: Final = 30
"""Days over which issues are counted."""
MOST_ISSUES: Final = 10

_COMMITTED = "status = 'committed'"


def last_readings(datasets: Sequence[str], since: datetime, until: datetime) -> str:
    """Return the committed batches of a period but those that a replay has read again."""
    named = sql_list(datasets)
    return (
        f"SELECT * FROM batches WHERE {_COMMITTED} AND dataset IN ({named})\n"
        f"  AND recorded_at > {sql_moment(since)} AND recorded_at <= {sql_moment(until)}\n"
        f"  AND batch NOT IN (SELECT unnest(supersedes) FROM batches WHERE {_COMMITTED} AND dataset IN ({named}))"
    )


def row_count(column: str, datasets: Sequence[str], now: datetime, days: int = ISSUE_DAYS) -> str:
    """Return the sum of a count of rows over the last ``days``."""
    read = last_readings(datasets, now - timedelta(days=days), now)
    return f"SELECT coalesce(sum({column}), 0)::BIGINT AS rows FROM (\n{read})"


def rows_by_day(datasets: Sequence[str], now: datetime) -> str:
    """Return rows received, standard, quarantined and duplicate by the day (UTC) on which the batch was recorded."""
    read = last_readings(datasets, now - timedelta(days=DAYS_SHOWN), now)
    return (
        "SELECT recorded_at::DATE AS day, sum(rows_in)::BIGINT AS rows_in, sum(rows_standard)::BIGINT AS standard,\n"
        "  sum(rows_quarantined)::BIGINT AS quarantined, sum(rows_duplicate)::BIGINT AS duplicates\n"
        f"FROM (\n{read})\nGROUP BY day ORDER BY day"
    )


def issues_by_code(datasets: Sequence[str], now: datetime, most: int = MOST_ISSUES) -> str:
    """Return the issues that cost most rows, by dataset and code."""
    read = last_readings(datasets, now - timedelta(days=ISSUE_DAYS), now)
    return (
        "SELECT batch_.dataset, issue.key AS code, sum(CAST(issue.value AS BIGINT))::BIGINT AS rows\n"
        f"FROM (\n{read}) AS batch_, json_each(batch_.issues) AS issue\n"
        f"GROUP BY batch_.dataset, code ORDER BY rows DESC, code, batch_.dataset LIMIT {most}"
    )


def issues_by_day(datasets: Sequence[str], now: datetime) -> str:
    """Return the rows of each issue by the day (UTC) on which the batch was recorded."""
    read = last_readings(datasets, now - timedelta(days=DAYS_SHOWN), now)
    return (
        "SELECT batch_.recorded_at::DATE AS day, issue.key AS code, sum(CAST(issue.value AS BIGINT))::BIGINT AS rows\n"
        f"FROM (\n{read}) AS batch_, json_each(batch_.issues) AS issue\n"
        "GROUP BY day, code ORDER BY day, code"
    )


def codes_found(now: datetime) -> str:
    """Return every issue code that a committed batch has."""
    return (
        "SELECT DISTINCT issue.key AS code FROM batches AS batch_, json_each(batch_.issues) AS issue\n"
        f"WHERE batch_.{_COMMITTED} AND batch_.recorded_at <= {sql_moment(now)} ORDER BY code"
    )


def scorecard(datasets: Sequence[str], now: datetime, kinds: Mapping[str, str]) -> str:
    """Return, by dimension and period, received rows, rows with an issue, checks and passed checks.

    ``kinds``: dimension of each issue code. Periods: the last 7 days (``now``), the 7 days before (``week``), and the
    30 days before the last 7 (``month``).
    """
    ends = {"now": (7, 0), "week": (14, 7), "month": (37, 7)}
    periods = ", ".join(
        f"('{name}', {sql_moment(now - timedelta(days=first))}, {sql_moment(now - timedelta(days=last))})"
        for name, (first, last) in ends.items()
    )
    coded = ", ".join(f"({sql_literal(code)}, '{dimension}')" for code, dimension in sorted(kinds.items()))
    return f"""WITH
period(period, since, until) AS (VALUES {periods}),
dimension(dimension, place) AS (VALUES {", ".join(f"('{each}', {n})" for n, each in enumerate(DIMENSIONS))}),
kind(code, dimension) AS (VALUES {coded or "(NULL::VARCHAR, NULL::VARCHAR)"}),
reading AS ({last_readings(datasets, now - timedelta(days=37), now)}),
received AS (
  SELECT period, sum(rows_in - coalesce(rows_filtered, 0))::BIGINT AS rows FROM reading, period
  WHERE recorded_at > since AND recorded_at <= until GROUP BY period),
found AS (
  SELECT period, dimension, sum(CAST(issue.value AS BIGINT))::BIGINT AS rows
  FROM reading, json_each(reading.issues) AS issue JOIN kind ON kind.code = issue.key, period
  WHERE reading.recorded_at > since AND reading.recorded_at <= until GROUP BY period, dimension),
judged AS (
  SELECT period, {_check_dimension()} AS dimension, count(*) AS checks, count(*) FILTER (passed) AS passed
  FROM checks, period WHERE subject IN ({sql_list(datasets)}) AND recorded_at > since AND recorded_at <= until
  GROUP BY ALL)
SELECT dimension, period, coalesce(received.rows, 0) AS rows_in, coalesce(found.rows, 0) AS rows_found,
  coalesce(judged.checks, 0) AS checks, coalesce(judged.passed, 0) AS passed
FROM dimension CROSS JOIN period LEFT JOIN received USING (period) LEFT JOIN found USING (period, dimension)
  LEFT JOIN judged USING (period, dimension)
ORDER BY place, period"""


def _check_dimension() -> str:
    """Return the dimension of a check; earlier revisions did not record it, and the name decides."""
    named = " ".join(
        f"WHEN regexp_matches(name, {sql_literal(rf'^(?:[0-9A-Za-z_]+: )?(?:{pattern})')}) THEN '{dimension}'"
        for pattern, dimension in DIMENSION_BY_NAME
    )
    return f"coalesce(dimension, CASE {named} ELSE 'accuracy' END)"


def held_batches(now: datetime) -> str:
    """Return the batches whose last status is ``held``, oldest first."""
    return (
        "SELECT dataset, batch, min(recorded_at) AS held_at, arg_max(rows_standard, sequence) AS rows FROM batches\n"
        f"WHERE batch IS NOT NULL AND recorded_at <= {sql_moment(now)}\n"
        "GROUP BY dataset, batch HAVING arg_max(status, sequence) = 'held' ORDER BY held_at, batch"
    )


def batch_decisions(datasets: Sequence[str], now: datetime) -> str:
    """Return how many held batches people decided, and the median hours from the hold to the act."""
    return (
        "SELECT count(*) AS decided, round(median(epoch(act.recorded_at) - epoch(hold.held_at)) / 3600, 1) AS hours\n"
        "FROM acts AS act JOIN (SELECT batch, min(recorded_at) AS held_at FROM batches WHERE status = 'held'\n"
        "  GROUP BY batch) AS hold USING (batch)\n"
        "WHERE act.act IN ('release_batch', 'reject_batch')\n"
        f"  AND act.dataset IN ({sql_list(datasets)}) AND act.recorded_at <= {sql_moment(now)}"
    )


def row_decisions(datasets: Sequence[str], now: datetime) -> str:
    """Return how many exported rows were corrected, and the median hours from the export to the correction."""
    return (
        "SELECT count(*) AS decided, round(median(epoch(corrected) - epoch(exported)) / 3600, 1) AS hours FROM (\n"
        "  SELECT min(recorded_at) FILTER (decision = 'exported') AS exported,\n"
        "    max(recorded_at) FILTER (decision = 'corrected') AS corrected FROM row_acts\n"
        f"  WHERE dataset IN ({sql_list(datasets)}) AND recorded_at <= {sql_moment(now)}\n"
        "  GROUP BY dataset, _receipt, _part, _row)\nWHERE corrected >= exported"
    )


def code_values(fields: Mapping[str, int], now: datetime) -> str:
    """Return the values of code fields that were received and those that no code list has.

    ``fields``: dataset → number of its fields whose element has a code list.
    """
    counted = ", ".join(f"({sql_literal(name)}, {count})" for name, count in sorted(fields.items()))
    read = last_readings(sorted(fields), now - timedelta(days=ISSUE_DAYS), now)
    return (
        f"WITH coded(dataset, fields) AS (VALUES {counted or '(NULL::VARCHAR, 0)'})\n"
        "SELECT coalesce(sum(fields * (rows_in - coalesce(rows_filtered, 0))), 0)::BIGINT AS received,\n"
        "  coalesce(sum(CAST(json_extract(issues, '$.CODE_UNKNOWN') AS BIGINT)), 0)::BIGINT AS unknown\n"
        f"FROM (\n{read}) JOIN coded USING (dataset)"
    )


def corrections(dataset: str, now: datetime) -> str:
    """Return the corrections of a dataset by field, scope and person; no values, which may be sensitive."""
    return (
        "SELECT field, scope, match, count(*) FILTER (active) AS active, count(*) FILTER (NOT active) AS withdrawn,\n"
        '  "user", max(recorded_at) AS last_at FROM corrections\n'
        f"WHERE dataset = {sql_literal(dataset)} AND recorded_at <= {sql_moment(now)}\n"
        'GROUP BY field, scope, match, "user" ORDER BY last_at DESC, field'
    )


def drift_events(dataset: str, now: datetime) -> str:
    """Return the notices of batches about changed columns and categories, newest first."""
    codes = sql_list(["UNKNOWN_COLUMN", "MISSING_COLUMN", "RENAMED_COLUMN", "RETYPED_COLUMN", "NEW_CATEGORY"])
    return (
        "SELECT recorded_at, batch, status, json_extract_string(problem.value, '$.code') AS code,\n"
        "  CAST(json_extract(problem.value, '$.values') AS VARCHAR) AS details\n"
        "FROM batches AS batch_, json_each(batch_.problems) AS problem\n"
        f"WHERE batch_.dataset = {sql_literal(dataset)} AND batch_.recorded_at <= {sql_moment(now)}\n"
        f"  AND code IN ({codes})\nORDER BY recorded_at DESC, code LIMIT 50"
    )


def publications_by_day(mart: str, now: datetime) -> str:
    """Return the published versions and the stopped attempts of a mart by day (UTC)."""
    return (
        "SELECT recorded_at::DATE AS day, count(*) FILTER (status = 'published') AS published,\n"
        "  count(*) FILTER (status IN ('held', 'failed')) AS stopped FROM publications\n"
        f"WHERE mart = {sql_literal(mart)} AND recorded_at <= {sql_moment(now)}\n"
        f"  AND recorded_at > {sql_moment(now - timedelta(days=DAYS_SHOWN))}\nGROUP BY day ORDER BY day"
    )


def last_checks(subject: str, now: datetime) -> str:
    """Return the checks of the last run that judged ``subject``."""
    known = f"subject = {sql_literal(subject)} AND recorded_at <= {sql_moment(now)}"
    return (
        f"SELECT name, passed, severity, observed, expected, recorded_at FROM checks WHERE {known}\n"
        f"  AND run = (SELECT arg_max(run, sequence) FROM checks WHERE {known})\nORDER BY sequence"
    )
