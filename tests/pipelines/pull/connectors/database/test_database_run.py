"""Tables and delivered Parquet files through the whole of a run."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from typer.testing import CliRunner

from citylake.pipelines.cli.typer_app import app
from tests.postgres import Postgres
from tests.trial import Trial

DATASET = "gov.licences"
CONTRACT = """
dataset: gov.licences
title: {{zh: 许可, en: licences}}
owner: {{department: 市政务服务管理局}}
source: {source}
fields:
  no: {{element: service.case_no, required: true}}
  at: {{element: time.updated_at, format: "%Y-%m-%d %H:%M:%S%.f%z", required: true}}
write: {{mode: upsert, key: [case_no]}}
"""
TABLE = "{connector: database, connection: front, table: licences, incremental: {column: at, overlap: 5m}}"


@pytest.fixture
def licences(postgres: Postgres, trial: Trial, monkeypatch: pytest.MonkeyPatch) -> Postgres:
    """A table of two licences, and a contract for it."""
    monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": postgres.uri}))
    postgres.sql(
        "CREATE TABLE licences (no text PRIMARY KEY, at timestamptz)",
        "INSERT INTO licences VALUES ('L1', '2026-03-01 08:00:00.5+08'), ('L2', '2026-03-01 09:00+08')",
    )
    trial.declare("datasets/gov/licences", CONTRACT.format(source=TABLE))
    return postgres


def numbers(trial: Trial) -> list[str]:
    return sorted(trial.standard(DATASET)["case_no"])


def test_a_table_grows_into_the_standard_table(licences: Postgres, trial: Trial) -> None:
    trial.run()
    assert trial.standard(DATASET).sort("case_no").select("case_no", "updated_at").rows() == [
        ("L1", datetime(2026, 3, 1, 0, 0, 0, 500_000, UTC)),
        ("L2", datetime(2026, 3, 1, 1, tzinfo=UTC)),
    ]
    licences.sql("INSERT INTO licences VALUES ('L3', '2026-03-01 08:58+08'), ('L4', '2026-03-01 09:10+08')")
    trial.run()
    assert numbers(trial) == ["L1", "L2", "L3", "L4"]
    assert [receipt["declared_count"] for receipt in trial.receipts(DATASET)] == [2, 3]
    assert trial.ledger.states(DATASET)["licences"]["since"] == "2026-03-01 01:10:00+00"


def test_what_came_in_part_goes_no_further(licences: Postgres, trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    from citylake.pipelines.pull.connectors.database.postgres_session import PostgresSession

    licences.sql(
        "ALTER TABLE licences ADD pad text",
        "INSERT INTO licences SELECT g, now(), repeat(md5(g::text), 300) FROM generate_series(1, 9000) g",
    )
    stream = PostgresSession.stream

    def cut(session: PostgresSession, sql: str) -> Any:
        for number, batch in enumerate(stream(session, sql)):
            if number == 1:
                licences.hang_up()
            yield batch

    with monkeypatch.context() as patch:
        # Only where the server is told to hang up, nothing else.
        patch.setattr(PostgresSession, "stream", cut)
        outcome = trial.run()
    assert outcome.document["run"]["exit_code"] == 2
    assert trial.dataset(outcome, DATASET)["status"] == "incomplete"
    assert not Path(trial.lake.standard(DATASET)).exists()
    assert trial.ledger.states(DATASET) == {}
    trial.run()
    assert len(numbers(trial)) == 9002


def test_a_dry_run_says_what_would_be_asked_and_asks_nothing(
    trial: Trial, licences: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial.run()
    monkeypatch.setenv("CITYLAKE_CONN_FRONT", json.dumps({"uri": "postgresql://127.0.0.1:1/nobody"}))
    words = ["--workspace", str(trial.root / "workspace"), "--lake", trial.lake.url, "pull", DATASET, "--dry-run"]
    done = CliRunner().invoke(app, [*words, "--json"])
    (fetch,) = json.loads(done.stdout)["fetches"]
    assert fetch["asks"] == ["SELECT * FROM licences WHERE at >= '2026-03-01 01:00:00+00' - 5m"]


def test_a_department_may_deliver_parquet(trial: Trial, tmp_path: Path) -> None:
    rows = {"no": ["L1", "L2"], "at": [datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)]}
    pl.DataFrame(rows).write_parquet(tmp_path / "licences.parquet")
    source = f"{{connector: files, path: {tmp_path}/*.parquet, format: parquet}}"
    trial.declare("datasets/gov/licences", CONTRACT.format(source=source))
    outcome = trial.run()
    assert trial.dataset(outcome, DATASET)["status"] == "committed"
    assert trial.standard(DATASET).sort("case_no")["updated_at"].to_list() == rows["at"]
