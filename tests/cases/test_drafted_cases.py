"""What a drafted contract makes of one file: it reads it, and gives the rows that the case states."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

from citylake.pipelines.onboard.source_sample import sample_source
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.declared import ALL_PACKS
from tests.drafted import draft_contract

WORDS: dict[str, dict[str, Any]] = {
    "read-headerless-first-row-lost": {"header": ["column_1", "column_2", "column_3"]},
    "read-duplicate-header-no-draft": {"duplicate_columns": "rename"},
    "read-probe-title-rows": {"title_rows": 2},
    "read-one-column-silent": {"delimiter": "#"},
}
"""What the draft must say."""
ROWS = {"read-headerless-first-row-lost": 2, "read-duplicate-header-no-draft": 2, "real-wmata-agency": 1}


def test_a_draft_reads_the_file_and_says_how(drafted_case: Path) -> None:
    (path,) = [*drafted_case.glob("input.*"), *drafted_case.glob("*agency.txt")]
    source = {"connector": "files", "path": str(path), "format": "csv"}
    sample = sample_source(source, {})
    words = sample.layout.words if sample.layout else {}
    assert WORDS.get(drafted_case.name, {}).items() <= words.items()
    drafted = draft_contract("city.x", source, sample, load_valid_registry(ALL_PACKS))
    assert all(f"{word}: " in drafted for word in words)
    if drafted_case.name in ROWS:
        assert sample.rows.height == ROWS[drafted_case.name]
    if (drafted_case / "expected.csv").exists():
        with (drafted_case / "expected.csv").open(encoding="utf-8", newline="") as file:
            columns, *rows = csv.reader(file)
        assert (list(sample.columns), [[cell or "" for cell in row] for row in sample.rows.rows()]) == (columns, rows)
