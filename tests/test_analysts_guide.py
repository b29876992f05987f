"""docs/analysts.md, walked as it is written."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.forked.commands import ForkedCommands
from tests.guide_steps import ROOT, Step, check_step, make_commands, run_step, steps_of

PAGE = ROOT / "docs/analysts.md"
NOTEBOOK = ROOT / "docs/notebooks/understand_a_mart.ipynb"
BLOCK = re.compile(r"```(?P<kind>console|python|r)\n(?:# (?P<file>city/\S+)\n)?(?P<text>.*?)```", re.DOTALL)


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory, forked: ForkedCommands) -> Path:
    """The folder after every step of the page."""
    folder = tmp_path_factory.mktemp("analysts")
    make_commands(folder, forked)
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


def test_the_notebook_runs_over_what_the_page_has_made(walked: Path, tmp_path: Path) -> None:
    notebook = nbformat.read(NOTEBOOK, as_version=4)  # type: ignore[no-untyped-call]
    environment = {**os.environ, "CITYLAKE_LAKE": str(walked / "city/lake"), "PYTHONPATH": str(ROOT)}
    environment |= {"IPYTHONDIR": str(tmp_path / "ipython"), "JUPYTER_RUNTIME_DIR": str(tmp_path)}
    client = NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=environment)
    shown = {cell["id"]: cell["outputs"][-1]["data"]["text/plain"] for cell in notebook.cells if cell.get("outputs")}
    assert shown["additive"] == "['rentals']"
    assert "256" in shown["changed"]
    assert "276" in shown["changed"]


def _steps(folder: Path) -> Iterator[Step]:
    for block in BLOCK.finditer(PAGE.read_text(encoding="utf-8")):
        if block["kind"] == "console":
            yield from steps_of(block["text"])
        elif block["file"]:
            (folder / block["file"]).write_text(block["text"], encoding="utf-8")
