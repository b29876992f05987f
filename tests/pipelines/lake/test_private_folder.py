"""A temporary folder is its owner's alone, or it is not used; what a killed process left is removed by age."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
from pathlib import Path

import pytest

from citylake.pipelines.lake.private_folder import private_folder, remove_old_scratch, scratch_folder
from citylake.schemas.words.errors import CitylakeError

DAY_S = 86_400


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_it_is_made_for_its_owner_alone_whatever_the_umask_and_found_again() -> None:
    before = os.umask(0)
    try:
        folder = private_folder("citylake-x")
    finally:
        os.umask(before)
    assert folder.stat().st_mode & 0o777 == 0o700
    (folder / "kept").touch()
    assert private_folder("citylake-x") == folder
    assert (folder / "kept").exists()


def plant_link(folder: Path) -> None:
    (folder.parent / "elsewhere").mkdir(mode=0o700)
    folder.symlink_to(folder.parent / "elsewhere")


def plant_open(folder: Path) -> None:
    folder.mkdir()
    folder.chmod(0o770)


def plant_strange(folder: Path) -> None:
    if os.getuid():
        pytest.skip("only on a machine where the tests are root can a folder be given away")
    folder.mkdir(mode=0o700)
    os.chown(folder, 12345, 12345)


@pytest.mark.parametrize("plant", [plant_link, plant_open, plant_strange, Path.touch])
def test_a_planted_one_is_refused(temporary: Path, plant: object) -> None:
    assert callable(plant)
    plant(temporary / "citylake-x")
    with pytest.raises(CitylakeError) as caught:
        private_folder("citylake-x")
    assert caught.value.code == "FOLDER_NOT_PRIVATE"
    assert str(temporary / "citylake-x") in caught.value.say("zh")


LEFT = """
    import os, signal, tempfile
    from citylake.pipelines.flow.step_state import MemoryStepState
    state = MemoryStepState()
    (state.scratch() / "rows.parquet").write_bytes(b"x")
    print(state.scratch(), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_removed_once_it_is_old(temporary: Path) -> None:
    command = [sys.executable, "-c", textwrap.dedent(LEFT)]
    environment = {**os.environ, "TMPDIR": str(temporary)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    left = Path(done.stdout.strip())
    assert left.parent == temporary
    assert left.stat().st_mode & 0o777 == 0o700
    assert remove_old_scratch() == []
    old = left.stat().st_mtime - 4 * DAY_S
    os.utime(left, (old, old))
    # A file within was written to today: the process may live.
    assert remove_old_scratch() == []
    os.utime(left / "rows.parquet", (old, old))
    assert remove_old_scratch() == [left]
    assert not left.exists()


def test_folders_of_others_and_links_are_left(temporary: Path) -> None:
    wide = temporary / f"citylake-{2**22}-wide"
    wide.mkdir()
    wide.chmod(0o755)
    kept = temporary / "kept"
    kept.mkdir(mode=0o700)
    (temporary / f"citylake-{2**22}-link").symlink_to(kept)
    for path in (wide, kept):
        os.utime(path, (0, 0))
    assert remove_old_scratch() == []
    assert wide.exists()
    shutil.rmtree(wide)


def test_what_a_running_process_has_is_left_whatever_the_clock_says() -> None:
    with scratch_folder() as folder:
        os.utime(folder, (0, 0))
        assert remove_old_scratch() == []
        assert Path(folder).exists()


def test_every_temporary_folder_is_named_so_that_it_is_removed_after_a_kill(root: Path) -> None:
    for path in (root / "pipelines").rglob("*.py"):
        if path.name != "private_folder.py":
            assert 'prefix="citylake' not in path.read_text("utf-8"), path
