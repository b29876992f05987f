"""What is installed: the wheel holds ``citylake`` alone, and stands beside other people's packages of any name."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.small_workspace import write_small_workspace

ROOT = Path(__file__).parents[1]
FOLDERS = ("dags", "infra", "pipelines", "quality", "schemas")
NOT_SHIPPED = tuple(f"citylake/infra/{name}/" for name in ("city", "docs", "spark"))
FIND_MODULES = """
import importlib.util, json, sys, citylake
print(json.dumps([citylake.__file__, {name: bool(importlib.util.find_spec(name)) for name in sys.argv[1:]}]))
"""
LOAD_DAGS = """
import json, sys
from airflow.dag_processing.dagbag import BundleDagBag
bags = [BundleDagBag(folder, bundle_path=folder, bundle_name="dags-folder") for folder in sys.argv[1:]]
errors = {path: error for bag in bags for path, error in bag.import_errors.items()}
print(json.dumps({"errors": errors, "dags": [sorted(bag.dags) for bag in bags]}))
"""
THEIR_DAG = """
from airflow.sdk import DAG
from schemas.orders import ORDER

orders = DAG(ORDER, schedule=None)
"""


@dataclass(frozen=True)
class Built:
    wheel: Path
    sdist: Path


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The wheel and the source distribution of the checkout."""
    pytest.importorskip("hatchling", reason="hatchling is not installed")
    folder = tmp_path_factory.mktemp("dist")
    return Built(_build(ROOT, "wheel", folder), _build(ROOT, "sdist", folder))


def _build(root: Path, target: str, folder: Path) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    (found,) = folder.glob("*.whl" if target == "wheel" else "*.tar.gz")
    return found


def _tracked() -> list[str]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    return [name for name in names.split("\0") if name and (ROOT / name).is_file()]


def _members(wheel: Path) -> dict[str, bytes]:
    archive = zipfile.ZipFile(wheel)
    return {name: archive.read(name) for name in archive.namelist() if ".dist-info/" not in name}


def test_the_wheel_holds_every_file_of_the_five_folders_but_the_fictional_city(built: Built) -> None:
    own = {name for name in _tracked() if name.startswith("citylake/")}
    moved = {f"citylake/{name}" for name in _tracked() if name.startswith(tuple(f"{each}/" for each in FOLDERS))}
    wanted = {name for name in own | moved if not name.startswith(NOT_SHIPPED)}
    assert set(_members(built.wheel)) == wanted


def test_the_wheel_has_one_name_at_the_top_level(built: Built) -> None:
    assert {name.partition("/")[0] for name in _members(built.wheel)} == {"citylake"}


def test_the_source_distribution_has_no_links_and_gives_the_same_wheel(built: Built, tmp_path: Path) -> None:
    with tarfile.open(built.sdist) as archive:
        assert [member.name for member in archive if member.issym() or member.islnk()] == []
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    assert _members(_build(source, "wheel", tmp_path)) == _members(built.wheel)


@dataclass(frozen=True)
class Installed:
    """An environment that has citylake from the wheel, and a folder of a colleague with names like ours."""

    bin: Path
    packages: Path
    theirs: Path
    city: Path

    def call(self, command: str, *arguments: str, **variables: str) -> str:
        """What a command prints, run from a folder that is not the checkout, with the colleague's on PYTHONPATH."""
        environment: Mapping[str, str] = {
            **os.environ,
            "PYTHONPATH": str(self.theirs),
            "CITYLAKE_LANG": "en",
            **variables,
        }
        call = [str(self.bin / command), *arguments]
        done = subprocess.run(call, cwd=self.city.parent, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout


@pytest.fixture(scope="module")
def installed(built: Built, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    pytest.importorskip("pip", reason="pip is not installed")
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder / "venv", symlinks=True)
    found = Installed(folder / "venv/bin", _packages(folder / "venv"), folder / "theirs", folder / "city")
    install = ["--python", str(found.bin / "python"), "install", "--quiet", "--no-deps", "--no-index", str(built.wheel)]
    subprocess.run([sys.executable, "-m", "pip", *install], check=True, capture_output=True)
    # Not the checkout: only what the tests' own environment has installed, without its .pth files.
    shared = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    (found.packages / "shared.pth").write_text("\n".join(shared), encoding="utf-8")
    _write_their_packages(found.theirs)
    write_small_workspace(found.city)
    return found


def _packages(environment: Path) -> Path:
    (found,) = environment.glob("lib/python3*/site-packages")
    return found


def _write_their_packages(folder: Path) -> None:
    files = {
        "pipelines/__init__.py": "",
        "dags/schemas/__init__.py": "",
        "dags/schemas/orders.py": 'ORDER = "their_orders"\n',
        "dags/orders_dag.py": THEIR_DAG,
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def test_the_installed_command_works_beside_a_package_called_pipelines(installed: Installed) -> None:
    options = ("--workspace", str(installed.city), "--lake", str(installed.city.parent / "lake"))
    assert "quarantine" in installed.call("citylake", "--help")
    assert "no errors" in installed.call("citylake", *options, "lint")
    run = json.loads(installed.call("citylake", *options, "run", "--json"))
    assert [(entry["dataset"], entry["status"]) for entry in run["datasets"]] == [("air.readings", "committed")]
    assert [(entry["mart"], entry["status"]) for entry in run["marts"]] == [("air", "published")]


def test_the_installed_command_makes_a_workspace_with_the_packs_of_the_wheel(installed: Installed) -> None:
    installed.call("citylake", "init", "new")
    assert "no errors" in installed.call("citylake", "--workspace", "new", "lint")


def test_what_is_imported_is_the_wheel_and_only_under_its_one_name(installed: Installed) -> None:
    own, found = json.loads(
        installed.call("python", "-c", FIND_MODULES, *FOLDERS, "citylake.infra.city", PYTHONPATH="")
    )
    assert Path(own) == installed.packages / "citylake/__init__.py"
    assert found == dict.fromkeys((*FOLDERS, "citylake.infra.city"), False)


def test_airflow_loads_a_colleagues_dags_with_their_own_schemas_and_ours_from_site_packages(
    installed: Installed, tmp_path: Path
) -> None:
    if importlib.util.find_spec("airflow") is None:
        pytest.skip("airflow is not installed")
    folders = [installed.theirs / "dags", installed.packages / "citylake/dags"]
    variables = {
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__DAGS_FOLDER": str(folders[0]),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/airflow.db",
        "CITYLAKE_WORKSPACE": str(installed.city),
    }
    out = installed.call("python", "-c", LOAD_DAGS, *map(str, folders), **variables, PYTHONPATH="")
    loaded = json.loads(out.splitlines()[-1])
    assert loaded["errors"] == {}
    theirs, ours = loaded["dags"]
    assert theirs == ["their_orders"]
    assert {"dataset.air.readings", "mart.air", "upkeep"} <= set(ours)
