"""Faults of a workspace's calendar: its setting and its files."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.schemas.lint import LintFinding, lint_workspace

HOLIDAYS = "calendar: CN\nyear: 2027\nholidays:\n  - 2027-01-01\n"


@pytest.mark.parametrize(
    ("name", "text", "code", "line"),
    [
        ("cn-2027", HOLIDAYS + "  - 2026-01-02\n", "DECLARATION_INCONSISTENT", 1),
        ("cn-2027", HOLIDAYS + "workdays: [2027-01-01]\n", "DECLARATION_INCONSISTENT", 1),
        ("cn-2027", HOLIDAYS + "workdays: [2027-01-04]\n", "WORKDAY_NOT_ADJUSTED", 5),
        ("cn-2027", HOLIDAYS + "  - {from: 2027-02-05}\n", "KEY_MISSING", 5),
        ("cn-2027", HOLIDAYS + "workday: []\n", "KEY_UNKNOWN", 5),
        ("china", HOLIDAYS, "CALENDAR_FILE_MISNAMED", 2),
        ("cn-2027", "calendar: CN\n bad: [", "YAML_UNREADABLE", 2),
    ],
)
def test_a_faulty_calendar_file_is_reported_with_its_line(
    name: str, text: str, code: str, line: int, tmp_path: Path
) -> None:
    found = lint_of(tmp_path, "", **{name: text})
    assert (code, line) in [(each.code, each.line) for each in found]
    assert {each.line for each in found} == {line}
    assert "None" not in found[0].say("zh") + found[0].say("en")


def lint_of(folder: Path, settings: str, **files: str) -> list[LintFinding]:
    (folder / "calendars").mkdir()
    (folder / "workspace.yaml").write_text(f"packs: []\n{settings}", encoding="utf-8")
    for name, text in files.items():
        (folder / "calendars" / f"{name}.yaml").write_text(text, encoding="utf-8")
    return lint_workspace(folder)


def test_a_sound_calendar_file_has_no_finding(tmp_path: Path) -> None:
    assert lint_of(tmp_path, "calendar: US-IL\n", **{"cn-2027": HOLIDAYS}) == []


def test_an_unknown_calendar_is_reported_with_similar_ones(tmp_path: Path) -> None:
    (found,) = lint_of(tmp_path, "calendar: US-ILL\n")
    assert (found.code, found.line) == ("CALENDAR_UNSUPPORTED", 2)
    assert "US-IL" in found.suggestion
