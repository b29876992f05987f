"""The archive of ``make bundle`` is all that a machine without a network needs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tarfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.declared import declare_packs
from tests.infra.bundle.conftest import BASE
from tests.pipelines.cli.conftest import CONTRACT, GOOD, MART, SQL

pytestmark = [pytest.mark.timeout(1200)]
NO_ROUTE = "import socket; socket.create_connection(('192.0.2.1', 443), 5)"
EXTENSION = """
from citylake.pipelines.marts.make.mart_engine import open_mart_duckdb
from citylake.pipelines.lake.lake_zones import Lake
with open_mart_duckdb(Lake("lake"), "Asia/Shanghai") as connection:
    connection.execute("FROM read_xlsx('a.xlsx')")
"""


@dataclass(frozen=True)
class Apart:
    """A folder and an empty home, in a network namespace without any route."""

    folder: Path

    def call(self, *command: str | Path, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": "/usr/bin:/bin", "HOME": str(self.folder / "home"), "LANG": "C.UTF-8", **variables}
        return subprocess.run(
            ["unshare", "--net", *command],
            env=environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def apart(tmp_path_factory: pytest.TempPathFactory) -> Apart:
    if os.geteuid():
        pytest.skip("only on machines where one may make a network namespace, as root may")
    if shutil.which("unshare") is None or subprocess.run(["unshare", "--net", "true"], check=False).returncode:
        pytest.skip("no network namespace can be made: unshare --net (Debian's package is util-linux)")
    folder = tmp_path_factory.mktemp("apart")
    (folder / "home").mkdir()
    return Apart(folder)


@pytest.fixture(scope="module")
def archive(apart: Apart, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "citylake.infra.bundle", "--set", "run", "--folder", str(folder)]
    made = subprocess.run(command, cwd=Path(__file__).parents[3], capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"the wheels cannot be downloaded: {made.stderr[-300:]}")
    (found,) = folder.iterdir()
    return found


@pytest.fixture(scope="module")
def unpacked(apart: Apart, archive: Path) -> Path:
    with tarfile.open(archive) as tar:
        tar.extractall(apart.folder, filter="data")
    return apart.folder / archive.name.removesuffix(".tar.gz")


@pytest.fixture(scope="module")
def installed(apart: Apart, unpacked: Path) -> Path:
    """The folder of citylake, installed from the archive without a network."""
    done = apart.call("sh", unpacked / "install.sh", "--to", apart.folder / "to", "--python", BASE)
    assert done.returncode == 0, done.stdout + done.stderr
    return apart.folder / "to"


def test_the_archive_holds_everything_and_nothing_for_newer_systems(unpacked: Path) -> None:
    names = {path.relative_to(unpacked).as_posix() for path in unpacked.rglob("*")}
    assert {"install.sh", "SHA256SUMS", "requirements.txt", "docs/lake.md", "LICENSE"} <= names
    wheels = {name for name in names if name.endswith(".whl")}
    assert len(wheels) > 50
    for name in wheels:
        systems = [int(minor) for minor in re.findall(r"manylinux_2_(\d+)_", name)]
        assert not systems or min(systems) <= 28, name


def test_the_place_has_no_network(apart: Apart) -> None:
    assert "Network is unreachable" in apart.call(BASE, "-c", NO_ROUTE).stderr


def test_the_main_job_runs_and_a_mart_is_asked_without_a_network(apart: Apart, installed: Path) -> None:
    files = {"datasets/traffic/counts.yaml": CONTRACT, "marts/traffic/mart.yaml": MART, "marts/traffic/day.sql": SQL}
    declare_packs(apart.folder / "workspace")
    for name, text in files.items():
        path = apart.folder / "workspace" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    (apart.folder / "files").mkdir()
    (apart.folder / "files/a.csv").write_text(GOOD, encoding="utf-8")
    around = {"COUNTS": str(apart.folder / "files"), "CITYLAKE_WORKSPACE": "workspace", "CITYLAKE_LANG": "en"}
    citylake = installed / "bin/citylake"
    done = apart.call(citylake, "run", **around)
    assert done.returncode == 0, done.stdout + done.stderr
    asked = apart.call(citylake, "query", "traffic", "SELECT flow_veh FROM day", "--csv", **around)
    assert asked.stdout.split() == ["flow_veh", "30"], asked.stderr
    judged = apart.call(citylake, "expectations", "--dataset", "traffic.counts", **around)
    assert judged.returncode == 0, judged.stdout + judged.stderr


def test_what_duckdb_does_not_have_is_told_and_not_fetched(apart: Apart, installed: Path) -> None:
    done = apart.call(installed / "current/bin/python", "-c", EXTENSION)
    assert "extension 'excel'" in done.stderr.replace("\\'", "'")
    assert "ownload" not in done.stderr
