"""Who may read the files of a lake, a backup or an export is the umask's decision alone."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.cli import main


@pytest.mark.parametrize("umask", [0o022, 0o027, 0o077])
def test_every_published_file_follows_the_umask(
    city: Any, tmp_path: Path, umask: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_REPORT", "1")
    before = os.umask(umask)
    try:
        city.json("run")
        city.json("upkeep")
        lake, copies, restored = city.root / "lake", tmp_path / "copies", tmp_path / "restored"
        assert city.call("query", "traffic", "SELECT 1", "--output", str(tmp_path / "out.csv"))[0] == 0
        assert city.call("backup", str(copies))[0] == 0
        assert main(["--lake", str(restored), "restore", str(copies)]) == 0
    finally:
        os.umask(before)
    found = {tmp_path / "out.csv"}.union(*(folder.rglob("*") for folder in (lake, copies, restored)))
    modes = {path: path.stat().st_mode & 0o777 for path in found}
    assert {path.suffix for path in modes} >= {".duckdb", ".parquet", ".json", ".html", ".zip", ".csv"}
    for path, mode in modes.items():
        # A mart's version is never written to again.
        whole = 0o777 if path.is_dir() else 0o444 if path.suffix == ".duckdb" and path.is_relative_to(lake) else 0o666
        assert mode == whole & ~umask, f"{path}: {mode:o}"
