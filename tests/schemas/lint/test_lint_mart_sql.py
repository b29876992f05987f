"""The SQL of a mart is a SELECT over tables of the lake; anything else is a fault at its line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from citylake.schemas.lint import lint_workspace

SQL, MART = "marts/public/site_hour.sql", "marts/public/mart.yaml"
OUTSIDE = [
    "(SELECT content FROM read_text('/etc/hostname'))",
    "(SELECT count(*) FROM read_csv('/etc/passwd'))",
    "(SELECT count(*) FROM parquet_scan('x'))",
    "(SELECT count(*) FROM glob('/etc/*'))",
    "(SELECT count(*) FROM query('SELECT 1'))",
    "(SELECT count(*) FROM sqlite_scan('a', 'b'))",
    "getenv('HOME')",
]


def codes(workspace: Path) -> list[str]:
    return [each.code for each in lint_workspace(workspace)]


@pytest.mark.parametrize("call", OUTSIDE)
def test_a_function_that_reads_outside_the_lake_is_a_fault(broken: Any, clean: Path, call: str) -> None:
    (file,) = clean.glob("marts/*/*.sql")
    select = file.read_text("utf-8")
    found = broken(str(file.relative_to(clean)), "SELECT", f"SELECT {call} AS outside,")
    assert "MART_SQL_OUTSIDE" in [each.code for each in found], select


@pytest.mark.parametrize(
    ("check", "code"),
    [
        ("COPY (SELECT 1) TO 'written_outside.csv'", "MART_CHECK_NOT_SELECT"),
        ("DELETE FROM site_hour", "MART_CHECK_NOT_SELECT"),
        ("SELECT 1; SELECT 2", "MART_CHECK_NOT_SELECT"),
        ("ATTACH 'x.db' AS x", "MART_CHECK_NOT_SELECT"),
        ("SELECT count(*) FROM read_text('/etc/hostname')", "MART_SQL_OUTSIDE"),
        ("SELECT count(*) FROM '/etc/hosts.csv'", "MART_CHECK_TABLE"),
        ("SELECT count(*) FROM site_hours", "MART_CHECK_TABLE"),
    ],
)
def test_a_check_is_a_select_over_tables_of_its_mart(broken: Any, clean: Path, check: str, code: str) -> None:
    (mart,) = clean.glob("marts/*/mart.yaml")
    checks = f'    checks: [{{name: {{zh: 查, en: check}}, sql: "{check}"}}]\n    columns:'
    found = broken(str(mart.relative_to(clean)), "    columns:", checks)
    assert [each.code for each in found] == [code]


@pytest.mark.parametrize(
    ("questions", "code"),
    [
        ("[{id: one, text: {zh: 问, en: asked}, sql: SELECT 1; SELECT 2}]", "MART_CHECK_NOT_SELECT"),
        ("[{id: one, text: {zh: 问, en: asked}, sql: SELECT count(*) FROM site_hours}]", "MART_CHECK_TABLE"),
        (
            "[{id: one, text: {zh: 问, en: asked}, sql: SELECT count(*) FROM site_hour},"
            " {id: one, text: {zh: 问, en: asked}, sql: SELECT count(*) FROM site_hour}]",
            "MART_QUESTION_TWICE",
        ),
    ],
)
def test_a_question_is_a_select_over_tables_of_its_mart(broken: Any, clean: Path, questions: str, code: str) -> None:
    (mart,) = clean.glob("marts/*/mart.yaml")
    found = broken(str(mart.relative_to(clean)), "tables:", f"questions: {questions}\ntables:")
    assert [each.code for each in found] == [code]
