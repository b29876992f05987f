"""A rollback on an object store, which has no links and no locks: the pointer alone says what is current."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.cli import main
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.stored_files import list_stored_files
from tests.object_store import BUCKET, s3_url, store
from tests.small_workspace import write_small_workspace

__all__ = ["s3_url", "store"]


@pytest.mark.usefixtures("store")
def test_a_mart_on_an_object_store_goes_back_stays_back_and_has_no_stable_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(write_small_workspace(tmp_path))
    lake = ("--lake", f"{BUCKET}/versions")

    def told(*words: str) -> dict[str, Any]:
        capsys.readouterr()
        assert main([*lake, *words, "--json"]) == 0
        found: dict[str, Any] = json.loads(capsys.readouterr().out)
        return found

    told("run")
    Path("inbox/second.csv").write_text("station,hour,pm25\nS1,2026-03-03 08:00,70.0\n", encoding="utf-8")
    told("run")
    done = told("mart", "rollback", "air", "--user", "li", "--why", "wrong")
    (mart,) = told("mart", "list")["marts"]
    assert (mart["version"], mart["stable_path"], mart["rows"]) == (done["version"], None, {"station_day": 3})
    again = told("run")["marts"]
    assert [each["code"] for each in again[0]["problems"]] == ["MART_ROLLED_BACK"]
    assert told("query", "air", "SELECT count(*) AS n FROM station_day")["rows"] == [{"n": 3}]
    assert told("verify", "--deep")["findings"] == []
    told("mart", "publish", "air")
    assert told("query", "air", "SELECT count(*) AS n FROM station_day")["rows"] == [{"n": 4}]
    names = [file.path for file in list_stored_files(Lake(lake[1]), f"{lake[1]}/marts")]
    assert [name for name in names if not name.startswith("air/air-")] == ["air/current.json"]
