"""A lake that revision 42b6f2e wrote (``tests/fixtures/older_lake``) is read and continued; nothing is read twice."""

from __future__ import annotations

import json
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from citylake.pipelines.cli import main
from citylake.pipelines.flow import scheduler_tasks as tasks
from tests.loopback import Asked, City, Reply

OLDER = Path(__file__).parents[2] / "fixtures" / "older_lake"
COUNTS = "traffic.counts"
DAY = ("query", "traffic", "SELECT flow_veh FROM day ORDER BY day", "--csv")


@dataclass
class OlderLake:
    root: Path
    capsys: pytest.CaptureFixture[str]

    def call(self, *arguments: str, lake: str = "lake") -> tuple[int, str]:
        code = main(["--workspace", str(self.root / "workspace"), "--lake", str(self.root / lake), *arguments])
        return code, self.capsys.readouterr().out

    def json(self, *arguments: str, lake: str = "lake") -> Any:
        code, out = self.call(*arguments, "--json", lake=lake)
        assert code == 0, out
        return json.loads(out)

    def sql(self, sql: str, lake: str = "lake") -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.json("ledger", sql, lake=lake)["rows"]
        return rows

    def rows(self, table: str = f"standard/{COUNTS}") -> int:
        return pl.read_delta(str(self.root / "lake" / table)).height


def _levels(asked: Asked) -> Reply:
    """The document that the lake holds: not modified for a pull that knows its ETag."""
    if asked.headers.get("if-none-match") == '"one"':
        return Reply(status=304)
    return Reply([{"id": "D1", "flow": 7}, {"id": "D2", "flow": 8}], headers={"ETag": '"one"'})


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], city: City) -> OlderLake:
    city.answer = _levels
    for name in ("workspace", "drops"):
        shutil.copytree(OLDER / name, tmp_path / name)
    with tarfile.open(OLDER / "lake.tar.gz") as archive:
        archive.extractall(tmp_path, filter="data")
    for state in (tmp_path / "lake" / "handoff").rglob("*.json"):
        state.write_text(state.read_text("utf-8").replace("/srv/city", str(tmp_path)), "utf-8")
    for name, value in {
        "CITYLAKE_LANG": "en",
        "CITYLAKE_WORKSPACE": str(tmp_path / "workspace"),
        "CITYLAKE_LAKE": str(tmp_path / "lake"),
        "LEVELS": city.url,
    }.items():
        monkeypatch.setenv(name, value)
    return OlderLake(tmp_path, capsys)


def test_every_command_that_reads_answers(older: OlderLake) -> None:
    status = older.json("status")
    held = {entry["dataset"]: (entry["status"], len(entry["held"])) for entry in status["datasets"]}
    assert held == {COUNTS: ("held", 1), "traffic.devices": ("committed", 0), "traffic.levels": ("committed", 0)}
    assert older.json("quarantine", "list", "--dataset", COUNTS)["total"] == 1
    assert older.call(*DAY)[1].split() == ["flow_veh", "981", "30"]
    assert "traffic.counts.flow_veh" in older.call("lineage", "traffic.day.flow_veh")[1]
    assert older.json("state", "show", "traffic.levels")["sources"][0]["state"] == {"etag": '"one"'}
    assert older.call("freshness")[0] in (0, 2)


def test_the_ledger_answers_by_the_present_column_names(older: OlderLake) -> None:
    batches = older.sql("SELECT status, recorded_at, committed_at FROM batches WHERE status IN ('held', 'committed')")
    assert {row["status"]: row["committed_at"] is None for row in batches} == {"held": True, "committed": False}
    assert None not in {row["recorded_at"] for row in batches}
    assert older.sql("SELECT count(published_at) AS n FROM publications") == [{"n": 2}]
    for sql in (
        "SELECT recorded_at, newest_event_at FROM alerts",
        "SELECT column_name, value FROM categories",
        "SELECT recorded_at FROM checks",
        "SELECT recorded_at, retention_days FROM removals",
        "SELECT recorded_at FROM states",
    ):
        rows = older.sql(sql)
        assert rows, sql
        assert None not in {value for row in rows for value in row.values()}, sql


def test_a_run_reads_only_what_is_new(older: OlderLake) -> None:
    told = older.json("run")
    found = {entry["dataset"]: (entry["status"], entry["rows_in"]) for entry in told["datasets"]}
    assert found == {
        COUNTS: ("committed", 2),
        "traffic.devices": ("unchanged", 0),
        "traffic.levels": ("unchanged", 0),
    }
    assert older.call(*DAY)[1].split() == ["flow_veh", "981", "30", "40"]
    assert {entry["status"] for entry in older.json("run")["datasets"]} == {"unchanged"}
    stored = pl.scan_delta(str(older.root / "lake/ledger/batches")).collect_schema().names()
    assert "at" not in stored
    assert older.sql("SELECT count(*) AS n FROM batches WHERE recorded_at IS NULL") == [{"n": 0}]


def test_a_run_that_stopped_after_conform_is_continued(older: OlderLake) -> None:
    before = older.rows()
    for _ in range(2):  # a task may be tried again
        tasks.audit_task(COUNTS, "stopped")
        assert tasks.commit_task(COUNTS, "stopped")["committed"] == 1
    tasks.settle_task(COUNTS, "stopped")
    assert older.rows() == before + 1
    assert older.rows(f"quarantine/{COUNTS}") == 2
    assert {entry["status"] for entry in older.json("run")["datasets"]} == {"unchanged"}


def test_upkeep_and_backup_work_and_a_restored_lake_is_continued(older: OlderLake) -> None:
    older.json("upkeep")
    backup = str(older.root / "backup")
    older.json("backup", backup)
    older.json("restore", backup, lake="restored")
    assert older.json("run", lake="restored")["datasets"][0]["rows_standard"] == 1
    assert older.call(*DAY, lake="restored")[1].split() == ["flow_veh", "981", "30", "40"]
    assert older.sql("SELECT count(*) AS n FROM batches WHERE committed_at IS NULL AND status = 'committed'") == [
        {"n": 0}
    ]


def test_no_column_that_a_reader_queries_needs_quotes(older: OlderLake) -> None:
    reserved = {
        name
        for name, kind in duckdb.connect()
        .sql("SELECT keyword_name, keyword_category FROM duckdb_keywords()")
        .fetchall()
        if kind != "unreserved"
    }
    tables = [*(older.root / "lake/quarantine").iterdir(), *(older.root / "lake/standard").iterdir()]
    stored = {name for table in tables for name in pl.scan_delta(str(table)).collect_schema().names()}
    sql = "SELECT column_name FROM information_schema.columns"
    published = {row["column_name"] for row in older.json("query", "traffic", sql)["rows"]}
    assert {"_batch", "reasons", "built_at", "day_from"} <= stored | published
    assert (stored | published) & reserved == set()
