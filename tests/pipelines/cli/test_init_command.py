"""``citylake init``: a workspace that lints, runs and passes its own test at once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from citylake.pipelines.cli import main
from tests.forked.commands import ForkedCommands

ROOT = Path(__file__).parents[3]
QUERY = "SELECT day, sum(rentals) AS rentals FROM station_day GROUP BY day ORDER BY day"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("new") / "city"
    assert main(["init", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, forked: ForkedCommands) -> dict[str, str]:
    """As after an installation: ``citylake`` is a command, and no variable names a workspace or a lake."""
    commands = tmp_path_factory.mktemp("bin")
    command = commands / "citylake"
    forked.write_command(command)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("CITYLAKE_", "PYTEST_"))}
    return {**kept, "PATH": f"{commands}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT), "CITYLAKE_LANG": "en"}


def shell(command: str, folder: Path, environment: dict[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (command, done.stdout, done.stderr)
    return done.stdout


def test_it_lints_runs_and_answers_a_query_at_once(workspace: Path, environment: dict[str, str]) -> None:
    told = shell(f'citylake lint && citylake run && citylake query cycling_day "{QUERY}"', workspace, environment)
    assert "no errors" in told
    assert "2026-03-01  408" in told
    rows = json.loads(shell(f'citylake query cycling_day "{QUERY}" --json', workspace, environment))["rows"]
    assert [row["rentals"] for row in rows] == [408, 400]


def test_its_own_test_passes(workspace: Path, environment: dict[str, str]) -> None:
    told = shell(f'"{sys.executable}" -m pytest -q -p no:cacheprovider', workspace, environment)
    assert "4 passed" in told


def test_its_readmes_name_every_command_that_it_prints(
    workspace: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for language, page in (("en", "README.md"), ("zh", "README.zh-CN.md")):
        monkeypatch.setenv("CITYLAKE_LANG", language)
        assert main(["init", str(workspace.parent / language)]) == 0
        printed = [line.strip() for line in capsys.readouterr().out.splitlines() if line.startswith("  citylake")]
        text = (workspace / page).read_text(encoding="utf-8")
        assert printed
        assert all(line in text for line in printed), language


def test_the_files_are_listed_as_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", str(tmp_path / "new"), "--json"]) == 0
    files = json.loads(capsys.readouterr().out)["files"]
    assert {"workspace.yaml", ".gitignore", "README.md", "README.zh-CN.md", "test_workspace.py"} <= set(files)
    assert sorted(files) == sorted(
        path.relative_to(tmp_path / "new").as_posix() for path in (tmp_path / "new").rglob("*") if path.is_file()
    )


@pytest.mark.parametrize("kind", ["folder", "file"])
def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], kind: str) -> None:
    taken = tmp_path / "taken"
    if kind == "folder":
        taken.mkdir()
    (taken / "mine.txt" if kind == "folder" else taken).write_text("mine", encoding="utf-8")
    assert main(["init", str(taken), "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "WORKSPACE_FOLDER_NOT_EMPTY"
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [
        "mine.txt" if kind == "folder" else "taken"
    ]


def test_a_folder_below_a_file_is_refused_with_the_reason(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    assert main(["init", str(tmp_path / "file/city"), "--json"]) == 1
    error = json.loads(capsys.readouterr().out)["error"]
    assert error["code"] == "WORKSPACE_NOT_WRITABLE"
    assert "Not a directory" in error["text"]["en"]


@pytest.mark.parametrize("name", ["我的 城市", "it's"])
def test_the_first_command_that_it_prints_works_in_a_shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    folder = tmp_path / name
    assert main(["init", str(folder)]) == 0
    [change] = [line for line in capsys.readouterr().out.splitlines() if line.startswith("  cd ")]
    done = subprocess.run(["sh", "-c", f"{change} && pwd"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(folder)


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    assert main(["init", str(tmp_path)]) == 0
    assert (tmp_path / "workspace.yaml").is_file()
