"""``install.sh`` installs a version beside the others, and switches to it after a check that it runs."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.infra.bundle.conftest import Place
from tests.kept_folder import KeptFolder
from tests.thorough import spread


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> KeptFolder:
    return KeptFolder(tmp_path_factory.mktemp("kept"))


@pytest.fixture
def first(kept: KeptFolder) -> Place:
    """Version 1.0.0, installed; the installation took place once, at the same path."""
    place = Place(kept.root)

    def make() -> None:
        done = place.install(place.bundle("1.0.0"))
        assert (done.returncode, said(place.to)) == (0, "citylake 1.0.0"), done.stderr

    kept.restore(make)
    return place


def said(to: Path) -> str:
    """The output of the installed command."""
    return subprocess.run([to / "bin/citylake"], capture_output=True, text=True, check=True).stdout.strip()


def test_versions_lie_side_by_side_and_the_old_one_can_be_returned_to(first: Place) -> None:
    to, one, two = first.to, first.root / "bundle 1.0.0", first.bundle("2.0.0")
    assert (to / "current/docs/page.md").read_text() == "1.0.0"
    assert (to / "current/dags/__init__.py").exists()
    kept = (to / "current/bin/python").lstat().st_mtime_ns
    again = first.install(one)
    assert again.returncode == 0
    assert "already installed" in again.stdout
    assert (to / "current/bin/python").lstat().st_mtime_ns == kept
    assert not (to / "previous").exists()
    assert first.install(two).returncode == 0
    assert said(to) == "citylake 2.0.0"
    assert first.install(two, "--back").returncode == 0
    assert said(to) == "citylake 1.0.0"
    assert first.install(two, "--back").returncode == 0
    assert said(to) == "citylake 2.0.0"


def test_a_version_that_does_not_run_is_not_switched_to(first: Place) -> None:
    broken = first.install(first.bundle("2.0.0", 1))
    assert broken.returncode == 1
    assert "does not run" in broken.stderr
    assert said(first.to) == "citylake 1.0.0"


def test_an_installation_that_broke_off_is_begun_again_and_pip_is_sent_to_no_index(first: Place) -> None:
    (venv,) = (first.to / "versions").iterdir()
    (venv / ".whole").unlink()
    (venv / "bin/citylake").unlink()
    elsewhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONSTRAINT": str(first.root / "no-such-file")}
    done = first.install(first.root / "bundle 1.0.0", PYTHONPATH="/nowhere", **elsewhere)
    assert done.returncode == 0, done.stderr
    assert said(first.to) == "citylake 1.0.0"


def _change(path: Path) -> None:
    path.write_text("other")


WHEEL = "wheels/citylake-1.0.0-py3-none-any.whl"
HARMED = [
    (WHEEL, _change), (WHEEL, Path.unlink), ("docs/page.md", Path.unlink), ("docs/page.md", _change),
    ("requirements.txt", _change), ("requirements.txt", Path.unlink),
]  # fmt: skip
"""In an order of which every second is every file, and both harms."""


@pytest.mark.parametrize(("name", "harm"), spread(HARMED, 3))
def test_a_file_that_was_harmed_on_its_way_is_named(place: Place, name: str, harm: Callable[[Path], object]) -> None:
    folder = place.bundle("1.0.0")
    harm(folder / name)
    done = place.install(folder)
    assert done.returncode == 1
    assert name in done.stderr
    assert "SHA256SUMS" in done.stderr
    assert not place.to.exists()


@pytest.mark.parametrize(
    ("facts", "options", "words"),
    [
        ({"PYTHON": "3.99"}, (), "No Python 3.99 was found"),
        ({}, ("--python", "/bin/false"), "/bin/false is not Python"),
        ({"MACHINE": "riscv128"}, (), "The bundle is for riscv128"),
        ({"GLIBC": "2.999"}, (), "does not have glibc 2.999"),
        ({}, ("--to",), "--to needs a value"),
        ({}, ("--colour",), "Usage"),
        ({}, ("--back",), "no previous version"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_is_written(
    place: Place, facts: dict[str, str], options: tuple[str, ...], words: str
) -> None:
    done = place.install(place.bundle("1.0.0", **facts), *options)
    assert done.returncode == 1
    assert words in done.stderr
    assert not place.to.exists()


def test_a_python_without_venv_is_told_with_the_package_that_brings_it(place: Place) -> None:
    bare = place.root / "bare"
    bare.write_text('#!/bin/sh\ncase "$2" in *ensurepip*) exit 1 ;; *) exit 0 ;; esac\n')
    bare.chmod(0o755)
    done = place.install(place.bundle("1.0.0"), "--python", str(bare))
    assert done.returncode == 1
    assert "-venv" in done.stderr


def test_it_speaks_chinese_where_the_machine_does(place: Place) -> None:
    done = place.install(place.bundle("1.0.0", MACHINE="loongarch64"), LANG="zh_CN.UTF-8")
    assert "安装包适用于 loongarch64" in done.stderr
