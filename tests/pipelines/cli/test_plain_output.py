"""Data on a terminal are text; a CSV file for people opens in a Chinese Excel and executes nothing."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.panel import Panel
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from citylake.pipelines.cli.plain_console import PlainConsole
from citylake.pipelines.cli.terminal_text import escape_controls, escape_json
from citylake.pipelines.read.spreadsheet_csv import disarm_formula, rearm_formula
from tests.thorough import examples

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


def test_output_is_a_csv_file_for_excel(ran: Any, tmp_path: Path) -> None:
    file = tmp_path / "out.csv"
    sql = "SELECT '=1+1' AS f, '@SUM(1)' AS g, '好' AS 文, -1.5 AS n, '-1.5' AS t, '+86' AS p FROM day"
    code, out, err = ran.call("query", "traffic", sql, "--output", str(file))
    assert (code, out) == (0, "")
    assert str(file) in err
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")
    with file.open(encoding="utf-8-sig", newline="") as lines:
        assert list(csv.reader(lines)) == [
            ["f", "g", "文", "n", "t", "p"],
            ["'=1+1", "'@SUM(1)", "好", "-1.5", "-1.5", "+86"],
        ]


def test_csv_for_programs_has_neither_bom_nor_apostrophes(ran: Any) -> None:
    assert ran.call("query", "traffic", "SELECT '=1+1' AS f FROM day", "--csv")[1] == "f\n=1+1\n"


def test_the_quarantine_is_written_with_its_reasons_and_every_field(city: Any, tmp_path: Path) -> None:
    city.drop("a.csv", "时间,设备,流量\n2026-03-01 08:00,JT1,1\n2026-03-01 09:00,JT1,=1+1\n")
    city.json("run")
    file = tmp_path / "refused.csv"
    assert city.call("quarantine", "list", "--dataset", "traffic.counts", "--output", str(file))[0] == 0
    with file.open(encoding="utf-8-sig", newline="") as lines:
        (row,) = csv.DictReader(lines)
    assert (row["设备"], row["流量"], row["row"]) == ("JT1", "'=1+1", "3")
    assert "VALUE_UNREADABLE" in row["why"]


def test_a_file_that_cannot_be_written_is_a_fault_of_usage(ran: Any, tmp_path: Path) -> None:
    code, _, err = ran.call("query", "traffic", "SELECT 1", "--output", str(tmp_path / "no" / "x.csv"))
    assert code == 1
    assert "--output" in err


@given(st.text())
def test_escaped_text_has_no_control_characters(text: str) -> None:
    shown = escape_controls(text)
    assert not any((ord(char) < 32 and char not in "\t\n") or char in "\x7f\x9b\u202e" for char in shown)


@given(st.recursive(st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=9))
def test_escaped_json_is_the_same_document(document: Any) -> None:
    shown = escape_json(json.dumps(document, ensure_ascii=False))
    assert json.loads(shown) == document
    assert shown.encode().decode() == shown
    assert escape_controls(shown) == shown


@settings(deadline=None, max_examples=examples(20, 50))
@given(st.text(), st.text())
def test_a_console_shows_neither_markup_nor_codes_whatever_is_printed(plain: str, styled: str) -> None:
    held = io.StringIO()
    screen = PlainConsole(file=held, width=10_000, highlight=False)
    table = Table(plain, title=plain)
    table.add_row(Text(styled, "bold"))
    tree = Tree(plain)
    tree.add(styled)
    for each in (plain, Text(styled), table, tree, Panel(styled, title=plain)):
        screen.print(each)
    assert escape_controls(held.getvalue()) == held.getvalue()


def test_commands_print_through_what_escapes(root: Path) -> None:
    for path in (root / "pipelines/cli").glob("*.py"):
        calls = re.findall(r"(?<![\w.])print\((?!escape_)|rich\.print|echo\((?!f\"citylake)", path.read_text())
        assert not calls, path.name


HOSTILE = """
    import logging, sys, warnings
    from citylake.pipelines.cli import entry, typer_app
    def say(*arguments, **options):
        logging.getLogger("x").warning("log \x1b]8;;http://a\x07b")
        logging.getLogger("x").exception("failed", exc_info=ValueError("why \x9b2J"))
        warnings.warn("warned \u202e")
    typer_app.build_command = lambda: say
    entry()
"""


@pytest.mark.parametrize("debug", [True, False])
def test_log_lines_and_warnings_of_a_command_are_escaped(*, debug: bool) -> None:
    environment = {**os.environ, "CITYLAKE_DEBUG": "1" if debug else ""}
    words = [sys.executable, "-c", textwrap.dedent(HOSTILE)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env=environment)
    for part in ("log \\x1b]8;;http://a\\x07b", "failed", "warned \\u202e"):
        assert part in done.stderr
    assert ("why \\x9b2J" in done.stderr) is debug
    assert escape_controls(done.stderr) == done.stderr


MEAN = "[/x][red]\x1b]8;;http://a\x07b\x1b\\\x9b2J\u202e\x7f"


def test_no_command_prints_what_data_names_and_errors_say_to_a_terminal(city: Any, tmp_path: Path) -> None:
    name = f"{MEAN.replace('/', '')[:40]}.csv"
    city.drop(name, f"时间,设备,流量,{MEAN}\n2026-03-01 08:00,JT1,1,x\n2026-03-01 09:00,{MEAN},{MEAN},{MEAN}\n")
    commands = [
        ("run",), ("run", "--json"), ("status",), ("quarantine", "list", "--dataset", "traffic.counts"),
        ("quarantine", "list", "--dataset", "traffic.counts", "--json"), ("query", "traffic", f"SELECT '{MEAN}'"),
        ("query", "traffic", f"SELECT '{MEAN}' AS \"{MEAN}\"", "--json"),
        ("ledger", "SELECT name, problem FROM receipts"),
        ("pull", "--dataset", "traffic.counts", "--dry-run"), ("onboard", str(city.files / name)),
        ("onboard", str(tmp_path / MEAN.replace("/", ""))), ("lineage", f"traffic.{MEAN}"), ("run", "--dataset", MEAN),
        ("query", MEAN, "SELECT 1"), ("query", "traffic", f"SELECT {MEAN}"), ("elements", "list", MEAN), (MEAN,),
        ("state", "show", "--dataset", MEAN), ("expectations", MEAN), ("lint",), ("freshness",), ("upkeep",),
        ("backup", str(tmp_path / "no" / MEAN.replace("/", ""))), ("restore", MEAN, MEAN),
        ("init", str(tmp_path / "in" / MEAN.replace("/", ""))),
    ]  # fmt: skip
    for command in commands:
        _, out, err = city.call(*command)
        for shown in (out, err):
            assert escape_controls(shown) == shown, command


@given(st.text(st.sampled_from("'=+-@;\t\r\n 1a.,eＥ＝"), max_size=12) | st.text())
def test_a_disarmed_text_reads_back_exactly_and_no_cell_of_it_is_a_formula(text: str) -> None:
    disarmed = disarm_formula(text)
    assert rearm_formula(disarmed) == text
    # A spreadsheet whose list separator is a semicolon cuts the cell there.
    for cell in re.split(r"[;\t\r\n]", disarmed):
        assert not re.match(r" *([=@＝]|[+-](?![\d.,]*(?:[eE][+-]?\d+)?\Z))", cell)


@pytest.mark.parametrize("text", ["=1+1", "@a", "+cmd|' /C calc'!A0", "-2+3", "\tx", "\ra", "＝1+1", " =1", "'=1"])
def test_a_formula_is_disarmed(text: str) -> None:
    assert disarm_formula(text) == f"'{text}"


@pytest.mark.parametrize("value", ["-1.5", "+86", "a=1", "", "1-2", None, -3, 2.5, "-1e5", "a;-2"])
def test_other_values_are_unchanged(value: Any) -> None:
    assert disarm_formula(value) == value
