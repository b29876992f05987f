"""Lint asks DuckDB whether the checks of a mart run over the types that its SELECTs return."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.pipelines.marts.plan.check_binding import check_mart_binding
from citylake.pipelines.marts.plan.mart_binder import MartBinder
from citylake.schemas.lint import LintFinding, locate_faults
from citylake.schemas.read.registry import load_registry
from tests.small_workspace import write_small_workspace


def findings(root: Path, added: str, old: str = "", new: str = "") -> list[LintFinding]:
    """With ``added`` at the end of ``mart.yaml``, and ``new`` in place of ``old`` in the SELECT."""
    mart, select = (write_small_workspace(root) / "marts/air" / name for name in ("mart.yaml", "station_day.sql"))
    mart.write_text(mart.read_text(encoding="utf-8") + added, encoding="utf-8")
    select.write_text(select.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with MartBinder(load_registry(root)) as binder:
        return locate_faults(check_mart_binding(binder))


def check(sql: str) -> str:
    return f'    checks: [{{name: {{zh: 查, en: check}}, sql: "{sql}"}}]\n'


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT count(*) FROM station_day WHERE reading > 1",
        "SELECT no_such(readings) FROM station_day",
        "SELECT avg(readings) FROM station_day",
        "SELECT count(*), 1 FROM station_day",
        "SELECT count(*) FROM station_day WHERE readings > DATE '2026-03-01'",
    ],
)
def test_a_check_that_does_not_run_is_told_at_its_line(tmp_path: Path, sql: str) -> None:
    found = findings(tmp_path, check(sql))
    lines = (tmp_path / "marts/air/mart.yaml").read_text(encoding="utf-8").splitlines()
    assert [(each.code, each.line) for each in found] == [("MART_CHECK_UNREADABLE", len(lines))]


@pytest.mark.parametrize(
    "sql", ["SELECT count(*) FROM station_day WHERE readings < 0", "SELECT count(*) FROM _incomplete"]
)
def test_a_check_that_runs_is_no_fault(tmp_path: Path, sql: str) -> None:
    assert findings(tmp_path, check(sql)) == []


def test_a_condition_of_totals_that_does_not_run_is_told(tmp_path: Path) -> None:
    total = "    expect: {totals: {pm25_ugm3: {from: air.readings.pm25_ugm3, where: no_such(station_code)}}}\n"
    assert [each.code for each in findings(tmp_path, total)] == ["RULE_UNREADABLE"]


def test_a_type_that_nothing_stores_is_told_at_its_column(tmp_path: Path) -> None:
    (found,) = findings(tmp_path, "", "count(*) AS readings", "any_value(union_value(k := 1)) AS readings")
    assert (found.code, found.values["column"]) == ("MART_TYPE_UNSTORED", "readings")
