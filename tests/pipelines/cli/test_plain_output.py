"""Data on a terminal are text; a CSV file for people opens in a Chinese Excel and executes nothing."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.cli.terminal_text import escape_controls
from citylake.pipelines.read.spreadsheet_csv import disarm_formula

ODD = "[unit] [/x] \x1b[31m:smile: [red]"


def test_quarantine_and_query_show_markup_and_escape_codes_as_text(city: Any) -> None:
    city.drop("a.csv", f"时间,设备,流量\n2026-03-01 08:00,JT1,1\n2026-03-01 09:00,JT1,{ODD}\n")
    city.json("run")
    code, out, _ = city.call("quarantine", "list", "--dataset", "traffic.counts")
    assert code == 0
    for part in ("[unit]", "[/x]", "\\x1b[31m", ":smile:", "[red]"):
        assert part in out
    assert "\x1b" not in out
    code, out, _ = city.call("query", "traffic", "SELECT '[x]' AS \"[a]\", '[/y]' AS b, chr(27) AS c FROM day")
    assert (code, out.split()) == (0, ["[a]", "b", "c", "[x]", "[/y]", "\\x1b"])


def test_an_error_shows_control_characters_as_text(city: Any) -> None:
    _, _, err = city.call("elements", "show", "a\x1b[2Jb\u202ec")
    assert "a\\x1b[2Jb\\u202ec" in err


def test_output_is_a_csv_file_for_excel(city: Any, tmp_path: Path) -> None:
    city.json("run")
    file = tmp_path / "out.csv"
    sql = "SELECT '=1+1' AS f, '@SUM(1)' AS g, '好' AS 文, -1.5 AS n, '-1.5' AS t, '+86' AS p FROM day"
    code, out, err = city.call("query", "traffic", sql, "--output", str(file))
    assert (code, out) == (0, "")
    assert str(file) in err
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        assert list(csv.reader(lines)) == [
            ["f", "g", "文", "n", "t", "p"],
            ["'=1+1", "'@SUM(1)", "好", "-1.5", "-1.5", "+86"],
        ]


def test_csv_for_programs_has_neither_bom_nor_apostrophes(city: Any) -> None:
    city.json("run")
    assert city.call("query", "traffic", "SELECT '=1+1' AS f FROM day", "--csv")[1] == "f\n=1+1\n"


def test_the_quarantine_is_written_with_its_reasons_and_every_field(city: Any, tmp_path: Path) -> None:
    city.drop("a.csv", "时间,设备,流量\n2026-03-01 08:00,JT1,1\n2026-03-01 09:00,JT1,=1+1\n")
    city.json("run")
    file = tmp_path / "refused.csv"
    assert city.call("quarantine", "list", "--dataset", "traffic.counts", "--output", str(file))[0] == 0
    with file.open(encoding="utf-8-sig", newline="") as lines:
        (row,) = csv.DictReader(lines)
    assert (row["设备"], row["流量"], row["row"]) == ("JT1", "'=1+1", "3")
    assert "VALUE_UNREADABLE" in row["why"]


def test_a_file_that_cannot_be_written_is_a_fault_of_usage(city: Any, tmp_path: Path) -> None:
    city.json("run")
    code, _, err = city.call("query", "traffic", "SELECT 1", "--output", str(tmp_path / "no" / "x.csv"))
    assert code == 1
    assert "--output" in err


@given(st.text())
def test_escaped_text_has_no_control_characters(text: str) -> None:
    shown = escape_controls(text)
    assert not any((ord(char) < 32 and char not in "\t\n") or char in "\x7f\x9b\u202e" for char in shown)


@pytest.mark.parametrize("text", ["=1+1", "@a", "+cmd|' /C calc'!A0", "-2+3", "\t=1", "\r=1", "＝1+1"])
def test_a_formula_is_disarmed(text: str) -> None:
    assert disarm_formula(text) == f"'{text}"


@pytest.mark.parametrize("value", ["-1.5", "+86", "a=1", "", "1-2", None, -3, 2.5])
def test_other_values_are_unchanged(value: Any) -> None:
    assert disarm_formula(value) == value
