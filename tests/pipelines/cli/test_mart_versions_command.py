"""What an operator sees of marts and their versions, in both languages and as JSON."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.cli import main
from tests.kept_folder import KeptFolder
from tests.small_workspace import write_small_workspace

SECOND = "station,hour,pm25\nS1,2026-03-03 08:00,70.0\n"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> KeptFolder:
    return KeptFolder(tmp_path_factory.mktemp("versions"))


@pytest.fixture
def town(kept: KeptFolder, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with two published versions of its mart."""
    monkeypatch.setenv("CITYLAKE_LANG", "en")
    monkeypatch.setenv("CITYLAKE_USER", "li")

    def make() -> None:
        write_small_workspace(kept.root)
        monkeypatch.chdir(kept.root)
        assert main(["run"]) == 0
        (kept.root / "inbox/second.csv").write_text(SECOND, encoding="utf-8")
        assert main(["run"]) == 0

    kept.restore(make)
    monkeypatch.chdir(kept.root)
    return kept.root


def asked(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    capsys.readouterr()
    assert main(["mart", *words]) == code
    told = capsys.readouterr()
    return told.out + told.err


def document(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    capsys.readouterr()
    assert main(["mart", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def without_versions(text: str) -> str:
    """The text with every version, run and time as ``…``."""
    return re.sub(r"\d{8}T\d{6}(\d{6}Z|-\w+)|\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?|[\d.]+ [kM]B", "…", text)


def test_the_list_tells_what_is_current_and_what_a_person_decided(
    town: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (mart,) = document(capsys, "list")["marts"]
    assert (mart["mart"], mart["versions"], mart["rows"]) == ("air", 2, {"station_day": 4})
    assert Path(mart["stable_path"]).resolve() == Path(mart["path"])
    asked(capsys, "pin", "air", mart["version"], "--why", "yearbook")
    asked(capsys, "rollback", "air", "--why", "the third is wrong")
    assert without_versions(asked(capsys, "list")).splitlines() == [
        "air (air)",
        "  current version …, published …, 3 rows, …",
        "  versions kept: 2, …",
        "  rolled back by li on … from …: the third is wrong",
        "  version … pinned by li on …: yearbook",
    ]
    monkeypatch.setenv("CITYLAKE_LANG", "zh")
    assert without_versions(asked(capsys, "list")).splitlines() == [
        "air（空气）",
        "  当前版本 …，… 发布，3 行，…",
        "  保留 2 个版本，共 …",
        "  已由 li 于 … 从 … 回退：the third is wrong",
        "  版本 … 由 li 于 … 固定：yearbook",
    ]
    assert "已回退" in shown_status(capsys)


def shown_status(capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    assert main(["status"]) == 0
    return capsys.readouterr().out


def test_show_tells_the_tables_the_inputs_the_checks_and_the_run(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = document(capsys, "show", "air")
    (table,) = told["tables"]
    assert (table["table"], table["rows"], table["grain"]) == ("station_day", 4, ["station_code", "day"])
    assert [each["name"] for each in table["columns"]] == ["station_code", "day", "pm25_ugm3", "readings"]
    (read,) = told["inputs"]
    assert (read["table"], bool(read["committed_at"])) == ("air.readings", True)
    assert all(check["passed"] for check in told["checks"])
    assert told["history"]["reason"]["days"] == {"station_day": ["2026-03-03"]}
    text = without_versions(asked(capsys, "show", "air"))
    for line in (
        "Table station_day: 4 rows, grain station_code, day",
        "  passed station_day: unique(station_code, day): 0 (expected 0)",
        "run …: inputs changed: air.readings; days built: 1 (2026-03-03)",
    ):
        assert line in text.splitlines()


def test_versions_tell_why_each_was_published_and_what_became_of_it(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    new, old = (each["version"] for each in document(capsys, "versions", "air")["versions"])
    assert document(capsys, "rollback", "air", "--why", "wrong")["version"] == old
    told = {each["version"]: each for each in document(capsys, "versions", "air")["versions"]}
    assert (told[old]["status"], told[new]["status"]) == ("current", "kept")
    assert told[old]["reason"]["first"]
    assert without_versions(asked(capsys, "versions", "air")).splitlines() == [
        "…  …  4 rows  …  file kept",
        "  run …: inputs changed: air.readings; days built: 1 (2026-03-03)",
        "  rolled back to … by li on …: wrong",
        "…  …  3 rows  …  current",
        "  run …: first version; built whole: station_day",
        "  made current again, from …, by li on …: wrong",
    ]
    Path(f"lake/marts/air/air-{new}.duckdb").unlink()
    assert "is gone" in asked(capsys, "rollback", "air", "--to", new, "--why", "x", code=1)
    assert document(capsys, "versions", "air")["versions"][0]["status"] == "lost"


def test_pin_and_gc_use_the_rules_of_upkeep_and_refuse_what_is_unknown(
    town: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    version = document(capsys, "list")["marts"][0]["version"]
    assert document(capsys, "pin", "air", version, "--why", "yearbook")["pinned"] is True
    assert document(capsys, "gc", "air", "--dry-run") == {"dry_run": True, "exit_code": 0, "done": []}
    assert "No old version" in asked(capsys, "gc")
    assert document(capsys, "unpin", "air", version)["pinned"] is False
    assert "nowhere" in asked(capsys, "gc", "nowhere", code=1)
    assert "nowhere" in asked(capsys, "show", "nowhere", code=1)
    assert "--why" in asked(capsys, "rollback", "air", code=1)
