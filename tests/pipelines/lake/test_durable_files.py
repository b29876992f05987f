"""Files are synced once, with the folders that name them; a setting and an object store need none of it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from citylake.pipelines.lake.durable_files import SYNC_VARIABLE, replace_file, sync_files, sync_trees
from citylake.pipelines.lake.lake_zones import Lake

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="only on Linux")


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths that are synced, in order."""
    found: list[str] = []
    real = os.fsync

    def fsync(place: int) -> None:
        found.append(os.readlink(f"/proc/self/fd/{place}"))
        real(place)

    monkeypatch.delenv(SYNC_VARIABLE, raising=False)
    monkeypatch.setattr(os, "fsync", fsync)
    return found


def written(path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("rows")
    return str(path)


def test_files_and_the_folders_that_name_them_are_synced_once(tmp_path: Path, synced: list[str]) -> None:
    lake = Lake(str(tmp_path / "lake"))
    files = [written(tmp_path / "lake/standard/a" / name) for name in ("1", "2")]
    sync_files(lake, [*files, files[0]])
    folders = [str(tmp_path / folder) for folder in ("", "lake", "lake/standard", "lake/standard/a")]
    assert {*files, *folders} <= set(synced)
    assert len(set(synced)) == len(synced)


def test_a_folder_that_has_its_name_on_the_disk_is_not_named_again(tmp_path: Path, synced: list[str]) -> None:
    lake = Lake(str(tmp_path))
    sync_files(lake, [written(tmp_path / "a/1")])
    synced.clear()
    sync_files(lake, [written(tmp_path / "a/2")])
    assert synced == [str(tmp_path / "a/2"), str(tmp_path / "a")]


def test_everything_below_a_folder_is_synced_and_a_missing_file_or_folder_is_not_needed(
    tmp_path: Path, synced: list[str]
) -> None:
    files = {written(tmp_path / "raw/a/part-0"), written(tmp_path / "raw/a/deeper/part-1")}
    sync_trees(Lake(str(tmp_path)), [str(tmp_path / "raw"), str(tmp_path / "none")])
    sync_files(Lake(str(tmp_path)), [str(tmp_path / "raw/gone")])
    assert files <= set(synced)


def test_a_file_has_its_content_before_its_name(tmp_path: Path, synced: list[str]) -> None:
    part, path = written(tmp_path / "a.part"), str(tmp_path / "a")
    replace_file(Lake(str(tmp_path)), part, path)
    assert synced[:2] == [part, str(tmp_path)]
    assert Path(path).read_text() == "rows"


def test_a_disk_that_cannot_write_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.delenv(SYNC_VARIABLE, raising=False)
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        sync_files(Lake(str(tmp_path)), [written(tmp_path / "a")])


def test_nothing_is_synced_if_it_is_turned_off_or_on_an_object_store(
    tmp_path: Path, synced: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(tmp_path / "a")
    sync_files(Lake("s3://bucket/lake"), [path])
    monkeypatch.setenv(SYNC_VARIABLE, "off")
    sync_files(Lake(str(tmp_path)), [path])
    sync_trees(Lake(str(tmp_path)), [str(tmp_path)])
    replace_file(Lake(str(tmp_path)), path, str(tmp_path / "b"))
    assert synced == []
    assert (tmp_path / "b").exists()
