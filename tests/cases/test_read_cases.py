"""What parse makes of one file: the rows that the case states, and every other line refused or reported."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import yaml

from tests.pipelines.parse.conftest import Outcome, Parser

EXPECTATIONS: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "read_expectations.yaml").read_text("utf-8")
)


def test_a_file_is_read_as_the_case_states(read_case: Path, parser: Parser) -> None:
    (source,) = read_case.glob("input.*")
    fmt = json.loads((read_case / "format.json").read_text("utf-8"))
    outcome = parser(source.read_bytes(), format=fmt, name=source.name)
    expected, stated = EXPECTATIONS.get(read_case.name, {}), _stated_rows(read_case)
    if stated is not None and "problem" not in expected:
        columns, rows = stated
        assert list(outcome.parsed.columns) == columns
        assert _as_text(outcome.rows) == rows
    _check_expectations(outcome, expected)
    assert stated is not None or expected or outcome.reported


def _check_expectations(outcome: Outcome, expected: dict[str, Any]) -> None:
    if "problem" in expected:
        assert outcome.parsed.problem is not None
        assert outcome.parsed.problem.code == expected["problem"]
    if "columns" in expected:
        assert list(outcome.parsed.columns) == expected["columns"]
    if "rows" in expected:
        assert _as_text(outcome.rows) == [[str(value) for value in row] for row in expected["rows"]]
    if "refused" in expected:
        assert outcome.refused == expected["refused"]
    if "notices" in expected:
        assert [notice.code for notice in outcome.parsed.notices] == expected["notices"]


def _stated_rows(folder: Path) -> tuple[list[str], list[list[str]]] | None:
    if (folder / "expected.csv").exists():
        with (folder / "expected.csv").open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        return header, rows
    if (folder / "expected.json").exists():
        records = json.loads((folder / "expected.json").read_text("utf-8"))
        names = list(dict.fromkeys(name for record in records for name in record))
        return names, [["" if record.get(name) is None else str(record[name]) for name in names] for record in records]
    return None


def _as_text(rows: list[tuple[Any, ...]]) -> list[list[str]]:
    return [["" if value is None else str(value) for value in row] for row in rows]
