"""docs/analysts.md, walked as it is written."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guide_steps import ROOT, Step, check_step, make_commands, run_step, steps_of

PAGE = ROOT / "docs/analysts.md"
BLOCK = re.compile(r"```(?P<kind>console|python|r)\n(?:# (?P<file>city/\S+)\n)?(?P<text>.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder after every step of the page."""
    folder = tmp_path_factory.mktemp("analysts")
    make_commands(folder)
    # Lazily: a file is written when the page has come to it.
    for step in _steps(folder):
        check_step(step, run_step(step.command, folder))
    return folder


def test_every_step_of_the_page_prints_what_it_says(walked: Path) -> None:
    assert (walked / "city/lake/marts/cycling_day/current.duckdb").exists()


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
def test_the_r_of_the_page_prints_what_it_says(walked: Path) -> None:
    shown = re.search(r"```r\n.*?```\n\n```text\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert shown
    check_step(Step("", shown[1].splitlines()), run_step("cd city && Rscript rentals.R", walked))


def _steps(folder: Path) -> Iterator[Step]:
    for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        if block["kind"] == "console":
            yield from steps_of(block["text"])
        elif block["file"]:
            (folder / block["file"]).write_text(block["text"], encoding="utf-8")
