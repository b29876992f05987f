"""One import name: the old ones are refused in this repository, and a checkout without links says what to do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = ("dags", "infra", "pipelines", "quality", "schemas")
LINES = ("import {name}", "import {name}.x", "import {name}.x as y", "from {name} import x", "from {name}.x import y")


@pytest.mark.parametrize("folder", ["pipelines/cli", "tests/schemas", "benchmarks"])
def test_ruff_refuses_every_way_to_import_a_folder_without_citylake(folder: str) -> None:
    lines = [line.format(name=name) for name in FOLDERS for line in LINES]
    allowed = [f"import citylake.{name}.x" for name in FOLDERS]
    assert _banned([*lines, *allowed], f"{folder}/trial.py") == list(range(1, len(lines) + 1))


def _banned(lines: list[str], name: str) -> list[int]:
    """The numbers of the lines that the rule refuses in a file of this name."""
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format", "json", "--stdin-filename", name]
    done = subprocess.run(
        [*command, "-"], input="\n".join(lines), cwd=ROOT, capture_output=True, text=True, check=False
    )
    return sorted(found["location"]["row"] for found in json.loads(done.stdout) if found["code"] == "TID251")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The repository's files as they are now, with its links, under version control."""
    folder = tmp_path / "copy"
    for name in ("citylake", "pyproject.toml", "README.md", *FOLDERS):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    for command in (["init", "-q"], ["add", "-A"], [*_AS_SOMEBODY, "commit", "-qm", "all"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


_AS_SOMEBODY = ["-c", "user.name=somebody", "-c", "user.email=somebody@example.org"]


def _lose_links(folder: Path, *, text: bool) -> None:
    """As a zip download and a checkout on Windows have them: text files with the links' targets, or nothing."""
    for name in FOLDERS:
        link = folder / "citylake" / name
        link.unlink()
        if text:
            link.write_text(f"../{name}", encoding="utf-8")


def _lint_help(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "citylake.pipelines.cli", "lint", "--help"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("text", [True, False], ids=["text files", "missing"])
def test_a_checkout_without_links_says_what_happened_and_its_command_restores_them(copy: Path, *, text: bool) -> None:
    _lose_links(copy, text=text)
    subprocess.run(["git", "config", "core.symlinks", "false"], cwd=copy, check=True)
    message = _lint_help(copy).stderr
    restore = f"git config core.symlinks true && git checkout -- {' '.join(f'citylake/{name}' for name in FOLDERS)}"
    assert message.count(restore) == 2
    assert "symbolic links" in message
    assert "符号链接" in message
    subprocess.run(restore, cwd=copy, shell=True, check=True)
    assert _lint_help(copy).returncode == 0


def test_a_checkout_without_links_still_gives_a_whole_wheel(copy: Path, tmp_path: Path) -> None:
    pytest.importorskip("hatchling", reason="hatchling is not installed")
    _lose_links(copy, text=True)
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=copy, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(tmp_path / "unpacked")
    script = "import citylake.pipelines.cli; print(citylake.__file__)"
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "unpacked")}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.stderr, done.stdout.strip()) == ("", str(tmp_path / "unpacked/citylake/__init__.py"))
