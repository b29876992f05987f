"""The package of the guide to extensions, built and installed, is used from a contract and a mart."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
READINGS = {
    "B001": "B001 2026-03-01 08:00  3.4\nB001 2026-03-01 09:00 12.0\n",
    "B002": "B002 2026-03-01 08:00 40.1\nB002 2026-03-01 09:00  fog\n",
}


def _files(folder: str) -> Iterator[tuple[str, str]]:
    """The files of the page whose path begins with ``folder``."""
    page = (ROOT / "docs/extend.md").read_text(encoding="utf-8")
    for path, body in re.findall(r"^`([\w/.]+)`\n\n```\w+\n(.*?)```", page, re.DOTALL | re.MULTILINE):
        if path.startswith(folder):
            yield path, body


def _write(root: Path, files: Iterator[tuple[str, str]]) -> None:
    for path, body in files:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(body, encoding="utf-8")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package as an installer leaves it: its wheel, built by its own build system, unpacked."""
    source, built, site = (tmp_path_factory.mktemp(name) for name in ("source", "built", "site"))
    _write(source, ((path, body) for path, body in _files("") if not path.startswith("workspace/")))
    build = f"from hatchling.build import build_wheel; print(build_wheel({str(built)!r}))"
    name = subprocess.run([sys.executable, "-c", build], cwd=source, check=True, capture_output=True, text=True)
    with zipfile.ZipFile(built / name.stdout.split()[-1]) as wheel:
        wheel.extractall(site)
    return site


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    _write(tmp_path, _files("workspace/"))
    return tmp_path / "workspace"


def citylake(workspace: Path, *words: str, site: Path | None, url: str = "") -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join(map(str, filter(None, (ROOT, site))))
    environment = {**os.environ, "PYTHONPATH": path, "CITYLAKE_LANG": "en", "NO_COLOR": "1", "BUOYS_URL": url}
    environment["CITYLAKE_LAKE"] = str(workspace.parent / "lake")
    command = [sys.executable, "-m", "citylake.pipelines.cli", "--workspace", str(workspace), *words]
    return subprocess.run(command, cwd=workspace.parent, env=environment, capture_output=True, text=True, check=False)


def test_an_installed_package_is_used_from_a_contract_and_a_mart(
    workspace: Path, site: Path, city: Any, reply: Any
) -> None:
    city.answer = lambda asked: reply(READINGS[asked.path.rsplit("/", 1)[-1][:4]].encode())
    lint = citylake(workspace, "lint", site=site)
    assert lint.returncode == 0, lint.stdout + lint.stderr
    run = citylake(workspace, "run", site=site, url=city.url)
    assert run.returncode == 0, run.stdout + run.stderr
    select = "SELECT buoy_code, beaufort FROM wind ORDER BY ALL"
    found = citylake(workspace, "query", "harbour", select, "--json", site=site)
    assert found.returncode == 0, found.stdout + found.stderr
    rows = json.loads(found.stdout)["rows"]
    assert [list(row.values()) if isinstance(row, dict) else row for row in rows] == [
        ["B001", 3],
        ["B001", 6],
        ["B002", 12],
    ]


def test_lint_names_what_is_not_installed(workspace: Path) -> None:
    (workspace / "workspace.yaml").write_text("name: {zh: 港, en: harbour}\npacks: [base, environment]\n")
    found = citylake(workspace, "lint", site=None)
    assert found.returncode == 1
    assert "No connector called “buoys” is installed." in found.stdout
    assert "“beaufort” is a function neither of DuckDB nor of an installed package." in found.stdout


def test_a_misspelt_key_of_an_installed_connector_is_a_fault_with_the_nearest_key(workspace: Path, site: Path) -> None:
    contract = workspace / "datasets/marine/buoy_readings.yaml"
    contract.write_text(contract.read_text(encoding="utf-8").replace("  buoys: [", "  bouys: ["), encoding="utf-8")
    found = citylake(workspace, "lint", site=site)
    assert found.returncode == 1
    assert re.search(r"bouys.*\n?.*buoys", found.stdout), found.stdout


def test_two_packages_may_not_define_one_name(workspace: Path, site: Path, tmp_path: Path) -> None:
    other = tmp_path / "other/rival-1.0.dist-info"
    other.mkdir(parents=True)
    (other / "METADATA").write_text("Metadata-Version: 2.4\nName: rival\nVersion: 1.0\n")
    (other / "entry_points.txt").write_text("[citylake.connectors]\nbuoys = rival:Buoys\n")
    found = citylake(workspace, "lint", site=Path(f"{site}{os.pathsep}{other.parent}"))
    assert found.returncode == 1
    assert "citylake-buoys, rival" in re.sub(r"\s+", " ", found.stdout)


@pytest.mark.parametrize("value", ["half_installed:Functions", "json:JSONDecoder"], ids=["import", "class"])
def test_functions_that_do_not_load_stop_no_mart_that_does_not_call_them(
    workspace: Path, site: Path, tmp_path: Path, city: Any, reply: Any, value: str
) -> None:
    other = tmp_path / "other/rival-1.0.dist-info"
    other.mkdir(parents=True)
    (other.parent / "half_installed.py").write_text("raise RuntimeError('half installed')")
    (other / "METADATA").write_text("Metadata-Version: 2.4\nName: rival\nVersion: 1.0\n")
    (other / "entry_points.txt").write_text(f"[citylake.functions]\nrival = {value}\n")
    both = Path(f"{site}{os.pathsep}{other.parent}")
    lint = citylake(workspace, "lint", site=both)
    assert (lint.returncode, lint.stdout.count("FUNCTIONS_SKIPPED")) == (0, 1), lint.stdout + lint.stderr
    city.answer = lambda asked: reply(READINGS[asked.path.rsplit("/", 1)[-1][:4]].encode())
    run = citylake(workspace, "run", site=both, url=city.url)
    assert run.returncode == 0, run.stdout + run.stderr
    (workspace / "workspace.yaml").write_text("name: {zh: 港, en: harbour}\npacks: [base, environment]\n")
    missing = citylake(workspace, "lint", site=other.parent)
    assert missing.returncode == 1
    assert all(code in missing.stdout for code in ("FUNCTION_UNKNOWN", "FUNCTIONS_SKIPPED")), missing.stdout
