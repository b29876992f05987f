"""Evaluates ``expect`` of a mart's tables on a new version, before it is published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

from citylake.pipelines.marts.make.delta_views import create_standard_view
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.pipelines.marts.publish.conserved_totals import check_totals
from citylake.pipelines.marts.publish.mart_audit import OUT, MartAudit
from citylake.quality.audit.audit_input import check_outcome
from citylake.quality.audit.check_severity import with_severity
from citylake.quality.audit.content_checks import check_completeness, check_unique
from citylake.quality.audit.day_checks import judge_days_present
from citylake.quality.audit.default_gates import rows_lost
from citylake.quality.audit.interval_checks import check_intervals
from citylake.quality.audit.like_days import find_like_days
from citylake.quality.audit.population_shift import ShiftMeasure, measure_shift
from citylake.quality.audit.reference_checks import judge_reference
from citylake.quality.audit.shift_checks import REFERENCE_DAYS, judge_shift
from citylake.quality.calendars import load_work_calendar
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.contract_rule import ReferenceRule
from citylake.schemas.model.expectations import MartReference, RowCountBounds
from citylake.schemas.model.mart import MartTable
from citylake.schemas.words.errors import Problem


def run_mart_expectations(audit: MartAudit) -> Iterator[CheckResult]:
    """Yield the checks of every table; the connection's current database is a temporary one.

    Without ``expect``, a table must keep half of the rows that it has in the published version.
    """
    for name, table in audit.mart.tables.items():
        for check in _table_checks(audit, name, table):
            judged = with_severity(check, table.expect.severity)
            yield replace(judged, name=f"{name}: {check.name}", problem=_broken(audit, name, judged))


def accepted_check(check: CheckResult) -> CheckResult:
    """Return a broken expectation as a warning: a person has decided that the version is right."""
    if not check.holds or check.problem is None:
        return check
    problem = Problem("MART_EXPECTATION_WARNED", check.problem.values)
    return replace(check, severity="warning", problem=problem)


def _broken(audit: MartAudit, name: str, check: CheckResult) -> Problem | None:
    if check.passed:
        return None
    values = {
        "mart": audit.mart.mart,
        "table": name,
        "check": check.name,
        "observed": check.observed,
        "expected": check.expected,
    }
    return Problem("MART_EXPECTATION_BROKEN" if check.holds else "MART_EXPECTATION_WARNED", values)


def _table_checks(audit: MartAudit, name: str, table: MartTable) -> Iterator[CheckResult]:
    expect, checked = table.expect, audit.checked(name)
    yield from _row_checks(audit, name, expect.rows or RowCountBounds())
    yield from check_completeness(checked, expect.completeness)
    yield from check_unique(checked, expect.unique)
    yield from check_intervals(checked, expect.intervals, table.grain)
    for number, reference in enumerate(expect.references):
        yield _reference_check(audit, name, reference, number)
    yield from check_totals(audit, name, table)
    if expect.days_present and table.day:
        yield judge_days_present(checked.subject, "days_present", set(audit.days(name, table)), expect.days_present)
    yield from _shift_checks(audit, name, table)


def _row_checks(audit: MartAudit, name: str, bounds: RowCountBounds) -> Iterator[CheckResult]:
    rows = audit.rows[name]
    for word, bound, failed in (
        ("min", bounds.min, bounds.min is not None and rows < bounds.min),
        ("max", bounds.max, bounds.max is not None and rows > bounds.max),
    ):
        if bound is not None:
            problem = Problem("MART_EXPECTATION_BROKEN") if failed else None
            yield check_outcome(f"rows.{word}", problem, f"{rows:,}", f"{'≥' if word == 'min' else '≤'} {bound:,}")
    before = audit.before.get(name, 0)
    kept = rows_lost("rows.kept", rows, before, bounds.kept_min, Problem("MART_EXPECTATION_BROKEN"))
    if kept:
        yield kept


def _reference_check(audit: MartAudit, name: str, reference: MartReference, number: int) -> CheckResult:
    view = f"referenced_{number}"
    if reference.table in audit.mart.tables:
        source = sql_identifier(OUT, reference.table)
    else:
        version = audit.built.inputs.get(reference.table)
        create_standard_view(audit.connection, audit.lake, audit.registry, reference.table, None, version)
        source = sql_identifier(*reference.table.split("."))
    audit.connection.execute(f"CREATE OR REPLACE VIEW {sql_identifier(view)} AS FROM {source}")
    types = {row[0]: row[1] for row in audit.connection.execute(f"DESCRIBE {view}").fetchall()}
    rule = ReferenceRule(
        columns=reference.columns,
        dataset=reference.table,
        keys=reference.keys,
        severity="error",
        share=reference.share,
    )
    checked, label = audit.checked(name), f"reference.{'+'.join(reference.columns)}→{reference.table}"
    absent = checked.missing(label, reference.columns, "0 unknown")
    return absent or judge_reference(checked, label, rule, view, types)


def _shift_checks(audit: MartAudit, name: str, table: MartTable) -> Iterator[CheckResult]:
    """Yield one check per column: the newest complete day that was built, against like days of the same table."""
    limits, checked = table.expect.shift, audit.checked(name)
    if not limits or table.day is None:
        return
    days, built = audit.days(name, table), audit.built.days.get(name)
    judged = [day for day in days if built is None or day in built][-1:]
    for column, limit in limits.items():
        label = f"shift.{column}"
        absent = checked.missing(label, (column,), f"PSI ≤ {limit:g}")
        found = [] if absent else [each for day in judged for each in _measure_day(audit, name, table, day, column)]
        yield absent or judge_shift(checked.subject, label, column, found, limit)


def _measure_day(
    audit: MartAudit, name: str, table: MartTable, day: date, column: str
) -> Iterator[tuple[date, ShiftMeasure]]:
    least = (table.expect.rows or RowCountBounds()).like_days
    known = [other for other in audit.days(name, table) if other < day]
    like = find_like_days(load_work_calendar(audit.registry.workspace), day, known, least)[-REFERENCE_DAYS:]
    if len(like) < least:
        return
    source, kept = sql_identifier(OUT, name), sql_identifier(table.day or "")
    for view, days in (("shift_day", [day]), ("shift_reference", like)):
        listed = ", ".join(f"DATE {sql_literal(each)}" for each in days)
        audit.connection.execute(f"CREATE OR REPLACE VIEW {view} AS FROM {source} WHERE {kept} IN ({listed})")
    kind = audit.checked(name).columns[column]
    yield day, measure_shift(audit.connection, "shift_day", "shift_reference", column, kind)
