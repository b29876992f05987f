# ruff: noqa: E501 (a row a fault)
"""``suppress`` of a mart: each fault at its line, and tables that give away what another one hides."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from citylake.schemas.lint import LintFinding, lint_workspace

MART = "marts/speeds/mart.yaml"
RULE = """    suppress:
      columns: [readings]
      threshold: 10
      over: [site_code, hour_start]
      totals: {site_code: all}
      also: [mean_speed_kmh]
"""
COARSE = """  hour:
    title: {zh: 小时, en: hour}
    grain: [hour_start]
    columns:
      hour_start: {element: time.hour_start}
      readings: {text: {zh: 读数个数, en: number of readings}}
    suppress: {columns: [readings], threshold: 10, over: [hour_start], level_of: site_hour}
"""
SQL = "SELECT hour_start, count(*) AS readings FROM traffic.detector GROUP BY ALL\n"

# what stands in the declaration, what is written instead, issue code, text of the line it must name
FAULTS = [
    ("columns: [readings]\n", "columns: [reading]\n", "COLUMN_UNKNOWN", "columns: [reading]"),
    ("columns: [readings]\n", "columns: [mean_speed_kmh]\n", "SUPPRESS_NOT_A_COUNT", "columns: [mean"),
    ("columns: [readings]\n", "columns: [site_code]\n", "SUPPRESS_NOT_A_COUNT", "columns: [site_code]"),
    ("threshold: 10\n", "threshold: 1\n", "VALUE_MALFORMED", "threshold: 1"),
    ("over: [site_code, hour_start]", "over: [readings]", "SUPPRESS_NOT_A_DIMENSION", "over: [readings]"),
    ("over: [site_code, hour_start]", "over: [hour_start]", "SUPPRESS_NOT_A_DIMENSION", "totals:"),
    ("      also: [mean_speed_kmh]\n", "", "SUPPRESS_COLUMN_UNDECIDED", "suppress:"),
    ("also: [mean_speed_kmh]", "keep: [mean_speed]", "COLUMN_UNKNOWN", "keep:"),
    ("also: [mean_speed_kmh]", "also: [mean_speed_kmh]\n      part_of: {readings: site_code}", "SUPPRESS_NOT_A_COUNT", "part_of"),
    ("also: [mean_speed_kmh]", "also: [mean_speed_kmh]\n      level_of: hour", "SUPPRESS_LEVEL_UNKNOWN", "level_of: hour"),
    (", level_of: site_hour", "", "SUPPRESS_UNLINKED", "      readings: {text"),
    ("threshold: 10, over", "threshold: 5, over", "SUPPRESS_LEVEL_DIFFERS", "level_of: site_hour"),
    ("level_of: site_hour", "level_of: site", "SUPPRESS_LEVEL_UNKNOWN", "level_of: site"),
    ("      over: [site_code, hour_start]", "      over: [hour_start]", "SUPPRESS_LEVEL_DIFFERS", "level_of: site_hour"),
    ("    suppress: {columns: [readings], threshold: 10, over: [hour_start], level_of: site_hour}\n", "", "SUPPRESS_UNLINKED", "readings: {text"),
]  # fmt: skip


@pytest.fixture
def hiding(clean: Path) -> Path:
    path = clean / MART
    path.write_text(path.read_text(encoding="utf-8") + RULE + COARSE, encoding="utf-8")
    path.with_name("hour.sql").write_text(SQL, encoding="utf-8")
    return clean


def test_tables_that_hide_counts_together_have_no_fault(hiding: Path) -> None:
    assert [each.say("en") for each in lint_workspace(hiding) if each.severity == "error"] == []


@pytest.mark.parametrize(("old", "new", "code", "line"), FAULTS, ids=[f"{f[2]}-{n}" for n, f in enumerate(FAULTS)])
def test_each_fault_is_told_at_its_line(
    hiding: Path, broken: Callable[[str, str, str], list[LintFinding]], old: str, new: str, code: str, line: str
) -> None:
    found = [each for each in broken(MART, old, new) if each.code == code]
    assert found, [each.say("en") for each in lint_workspace(hiding)]
    assert line in (hiding / MART).read_text(encoding="utf-8").splitlines()[found[0].line - 1]
    assert "{" not in found[0].say("zh")


def test_a_table_that_reads_exact_counts_hides_them_too(hiding: Path) -> None:
    mart = hiding / "marts/other/mart.yaml"
    mart.parent.mkdir()
    title = "{zh: 甲, en: a}"
    column = f"columns: {{most: {{text: {title}}}}}"
    mart.write_text(
        f"mart: other\ntitle: {title}\naudience: {title}\n"
        f"tables:\n  best:\n    title: {title}\n    grain: [most]\n    {column}\n",
        encoding="utf-8",
    )
    mart.with_name("best.sql").write_text("SELECT max(readings) AS most FROM mart.speeds.hour", encoding="utf-8")
    found = [each for each in lint_workspace(hiding) if each.code == "SUPPRESS_READ_EXACTLY"]
    assert [each.say("en").startswith("The table “best” reads the exact counts of mart.speeds.hour") for each in found]


def test_a_flag_has_a_name_of_its_own(hiding: Path, broken: Callable[[str, str, str], list[LintFinding]]) -> None:
    column = "      readings_suppressed: {text: {zh: 甲, en: a}}\n      readings: {text"
    found = [each.code for each in broken(MART, "      readings: {text", column)]
    assert "SUPPRESS_FLAG_TAKEN" in found
