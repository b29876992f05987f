"""The guide for data stewards, walked as it is written, in both languages: from refused rows to their return."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.forked.commands import ForkedCommands
from tests.guide_steps import Step, check_step, guide_steps, make_commands, run_step
from tests.pipelines.acts.workbooks import fill

PAGES = {"en": "docs/quality.md", "zh": "docs/quality.zh-CN.md"}
NUMBER = "0"
"""What the department writes beside the row."""


@pytest.mark.parametrize("language", PAGES)
def test_the_way_of_a_refused_row_is_as_the_guide_says(tmp_path: Path, forked: ForkedCommands, language: str) -> None:
    make_commands(tmp_path, forked)
    for step in guide_steps(PAGES[language]):
        command = _named(step, tmp_path)
        said = run_step(command, tmp_path, language)
        check_step(step, said)
        if "quarantine export" in command:
            (book,) = (tmp_path / "export").glob("*.xlsx")
            _fill(book)


def _named(step: Step, folder: Path) -> str:
    """The command with the ids that the page calls ROW_ID and BATCH."""
    command = step.command
    if "ROW_ID" in command:
        rows = json.loads(run_step("cd city && citylake quarantine list --state open --json", folder))["rows"]
        command = command.replace("ROW_ID", rows[0]["row_id"])
    if "BATCH" in command:
        held = json.loads(run_step("cd city && citylake held list --json", folder))
        command = command.replace("BATCH", held["batches"][0]["batch"])
    return command


def _fill(book: Path) -> None:
    """Write the right value beside the only row, and save."""
    filled = fill(book, book.with_name("filled"), "cycling.station_hours", lambda _line: {"correct_value": NUMBER})
    filled.replace(book)
