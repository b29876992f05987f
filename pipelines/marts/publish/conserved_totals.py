"""Conservation between layers: the total of a mart's column equals that of its input, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from citylake.pipelines.marts.make.delta_views import create_standard_view
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.pipelines.marts.publish.mart_audit import OUT, MartAudit
from citylake.quality.audit.audit_input import check_outcome
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.expectations import ConservedTotal
from citylake.schemas.model.mart import MartTable
from citylake.schemas.words.errors import Problem

ROUNDING = 1e-9
"""The share by which sums of binary floating-point numbers may differ by rounding alone."""


def check_totals(audit: MartAudit, name: str, table: MartTable) -> Iterator[CheckResult]:
    """Yield one check per total: for each day that was built if both sides have days, else for the whole table.

    The input is read as the build has read it; days that wait for other datasets are left out.
    """
    for column, total in table.expect.totals.items():
        yield _judge(audit, name, table, column, total)


def _judge(audit: MartAudit, name: str, table: MartTable, column: str, total: ConservedTotal) -> CheckResult:
    dataset, measure = total.input(audit.registry.contracts)
    version = audit.built.inputs.get(dataset)
    create_standard_view(audit.connection, audit.lake, audit.registry, dataset, None, version)
    view = sql_identifier(*dataset.split("."))
    types = [row[0] for row in audit.connection.execute(f"DESCRIBE {view}").fetchall()]
    by_day = table.day is not None and "_day" in types
    made = _sums(sql_identifier(OUT, name), table.day if by_day else None, f"sum({sql_identifier(column)})", None)
    counted = f"sum({sql_identifier(measure)})" if measure else "count(*)"
    read = _sums(view, "_day" if by_day else None, counted, total.where)
    limit = max(total.tolerance, ROUNDING)
    sql = f"""
        SELECT day, coalesce(m.total, 0), coalesce(i.total, 0) FROM ({made}) m FULL JOIN ({read}) i USING (day)
        WHERE {_days_filter(audit, name, by_day=by_day)}
          AND abs(coalesce(m.total, 0) - coalesce(i.total, 0)) > {limit!r} * abs(coalesce(i.total, 0))
        ORDER BY day"""
    differ = audit.connection.execute(sql).fetchall()
    return _outcome(column, total, differ)


def _sums(relation: str, day: str | None, counted: str, where: str | None) -> str:
    chosen = sql_identifier(day) if day else "DATE '1970-01-01'"
    return f"SELECT {chosen} AS day, {counted} AS total FROM {relation} WHERE ({where or 'true'}) GROUP BY 1"


def _days_filter(audit: MartAudit, name: str, *, by_day: bool) -> str:
    built = audit.built.days.get(name)
    if not by_day:
        return "true"
    waiting = f"coalesce(day NOT IN ({_dates(tuple(audit.built.held))}), true)" if audit.built.held else "true"
    if built is None:
        return waiting
    return f"{waiting} AND day IN ({_dates(built)})" if built else "false"


def _dates(days: tuple[date, ...]) -> str:
    return ", ".join(f"DATE {sql_literal(day)}" for day in days)


def _outcome(column: str, total: ConservedTotal, differ: list[tuple[date, object, object]]) -> CheckResult:
    expected = f"= {total.source}" + (f" ± {total.tolerance:.2%}" if total.tolerance else "")
    if not differ:
        return check_outcome(f"totals.{column}", None, "equal", expected)
    day, made, read = differ[0]
    shown = "" if day == date(1970, 1, 1) else f"{day}: "
    more = f"; {len(differ) - 1} more days" if len(differ) > 1 else ""
    problem = Problem("MART_EXPECTATION_BROKEN")
    return check_outcome(f"totals.{column}", problem, f"{shown}{made} instead of {read}{more}", expected)
