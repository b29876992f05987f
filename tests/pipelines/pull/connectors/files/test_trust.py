"""What is committed is not read again where the store, or its files' marks, say that nothing changed."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.pull.connectors.files import source_file as reading


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that were opened."""
    found: list[str] = []
    enter = reading.FileReader.__enter__

    def note(self: Any) -> Any:
        found.append(Path(self._file.path).name)
        return enter(self)

    monkeypatch.setattr(reading.FileReader, "__enter__", note)
    return found


def put(path: Path, body: bytes, age_s: float) -> None:
    path.write_bytes(body)
    os.utime(path, (time.time() - age_s,) * 2)


def test_with_trust_in_the_time_of_change_only_what_changed_is_read(puller: Any, opened: list[str]) -> None:
    for name in ("x.csv", "y.csv"):
        put(puller.workspace / name, b"a\n1\n", age_s=100)
    puller.commit(puller(path="*.csv", trust="mtime"))
    put(puller.workspace / "y.csv", b"a\n2\n", age_s=50)
    opened.clear()
    same, changed = puller(path="*.csv", trust="mtime")
    assert opened == ["y.csv"]
    assert (same.status, same.sha256) == ("unchanged", next(sha for name, sha in puller.known if name == "x.csv"))
    assert (changed.status, changed.name) == ("received", "y.csv")


def test_by_default_the_bytes_of_a_folder_are_compared(puller: Any, opened: list[str]) -> None:
    put(puller.workspace / "x.csv", b"a\n1\n", age_s=100)
    puller.commit(puller(path="x.csv"))
    before = (puller.workspace / "x.csv").stat()
    (puller.workspace / "x.csv").write_bytes(b"a\n2\n")
    os.utime(puller.workspace / "x.csv", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert puller.one(path="x.csv").status == "received"
    assert opened == ["x.csv", "x.csv"]


def test_what_just_changed_may_change_again_unseen_and_is_read_again(puller: Any, opened: list[str]) -> None:
    put(puller.workspace / "x.csv", b"a\n1\n", age_s=1)
    puller.commit(puller(path="x.csv", trust="mtime"))
    assert puller.states == {}
    assert puller.one(path="x.csv", trust="mtime").status == "unchanged"
    assert len(opened) == 2


def test_what_was_not_committed_is_read_again(puller: Any, opened: list[str]) -> None:
    put(puller.workspace / "x.csv", b"a\n1\n", age_s=100)
    (receipt,) = puller(path="x.csv", trust="mtime")
    puller.states["x.csv"] = dict(receipt.state)
    assert puller.one(path="x.csv", trust="mtime").status == "received"
    assert len(opened) == 2


def test_members_of_a_zip_that_did_not_change_are_not_unpacked_again(puller: Any, zipped: Any) -> None:
    zipped(puller.workspace / "x.zip", {"a.csv": b"a", "b.csv": b"b"})
    os.utime(puller.workspace / "x.zip", (time.time() - 100,) * 2)
    ask = {"path": "x.zip", "member": "*.csv", "trust": "mtime"}
    puller.commit(puller(**ask))
    assert [(each.status, each.proof) for each in puller(**ask)] == [("unchanged", "snapshot")] * 2
