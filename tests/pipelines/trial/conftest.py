"""A small lake of readings with good and bad rows, and the workspace that made it."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import citylake
from citylake.pipelines.cli import main
from citylake.pipelines.trial.trial_result import DatasetTrial, TrialOutcome
from tests.kept_folder import KeptFolder
from tests.small_workspace import write_small_workspace

DATASET = "air.readings"
CONTRACT = "datasets/air/readings.yaml"


@dataclass
class Readings:
    """The workspace, its lake, and ways to change and try it."""

    root: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def workspace(self) -> Path:
        return self.root / "city"

    @property
    def lake(self) -> citylake.Lake:
        return citylake.Lake(self.root / "lake")

    def drop(self, name: str, *rows: str, header: str = "station,hour,pm25") -> None:
        (self.workspace / "inbox" / name).write_text("\n".join([header, *rows, ""]), "utf-8")

    def run(self) -> int:
        return citylake.run(citylake.Workspace.load(self.workspace), self.lake).exit_code

    def changed(self, *replacements: tuple[str, str], file: str = CONTRACT, name: str = "changed") -> Path:
        """A copy of the workspace with other text in one file."""
        folder = self.root / name
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.workspace, folder, ignore=shutil.ignore_patterns("inbox"))
        text = (folder / file).read_text("utf-8")
        for old, new in replacements:
            assert old in text, old
            text = text.replace(old, new)
        (folder / file).write_text(text, "utf-8")
        return folder

    def trial(self, change: Path | str, **options: Any) -> TrialOutcome:
        return citylake.Workspace.load(self.workspace).trial(change, self.lake, **options)

    def one(self, change: Path | str, **options: Any) -> DatasetTrial:
        (found,) = self.trial(change, **options).datasets
        return found

    def call(self, *arguments: str) -> tuple[int, str, str]:
        """One command: exit code, standard output, standard error."""
        self.capsys.readouterr()
        code = main(["--workspace", str(self.workspace), "--lake", self.lake.url, *arguments])
        out = self.capsys.readouterr()
        return code, out.out, out.err

    def json(self, *arguments: str) -> tuple[int, Any]:
        code, out, err = self.call(*arguments, "--json")
        return code, json.loads(out) if out else err

    def state(self) -> dict[str, str]:
        """Every file of lake and workspace with its bytes and its time of change."""
        return {
            str(
                path.relative_to(self.root)
            ): f"{path.stat().st_mtime_ns} {hashlib.sha256(path.read_bytes()).hexdigest()}"
            for folder in (self.root / "lake", self.workspace)
            for path in sorted(folder.rglob("*"))
            if path.is_file()
        }


@pytest.fixture
def readings(kept: KeptFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Readings:
    made = Readings(kept.root, capsys)

    def begin() -> None:
        write_small_workspace(made.workspace)
        assert made.run() == 0

    kept.restore(begin)
    (made.root / "scratch").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(made.root / "scratch"))
    return made


Change = Callable[[str], str]
