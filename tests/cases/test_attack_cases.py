"""SQL of a mart reads and writes nothing outside; data on a terminal are text."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.pipelines.cli import main
from tests.cases.conftest import FOLDER
from tests.cases.test_cases import copy_case

CASE = "attack-markup-quarantine"


def test_the_quarantine_is_listed_with_markup_as_text(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if not (FOLDER / CASE).is_dir():
        pytest.skip(f"no case {FOLDER / CASE}")
    trial = copy_case(FOLDER / CASE, tmp_path)
    trial.run()
    options = ["--workspace", str(trial.root / "workspace"), "--lake", trial.lake.url]
    assert main([*options, "quarantine", "list", "--dataset", "h.x"]) == 0
    assert "[/x]" in capsys.readouterr().out
