"""A front-end database: the rows and the row that tells of them are one transaction, so that each goes once."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from citylake.pipelines.exchange.deliver import make_delivery
from citylake.pipelines.exchange.deliver.database_writer import DatabaseWriter
from tests.mariadb import MariaDb
from tests.pipelines.exchange.deliver.conftest import DATABASE, Sender, kill_at
from tests.postgres import Postgres

CHANGES = {"mode": "changes", "tables": {"by_hour": {"name": "city_hours"}}}
DELIVER = "citylake.pipelines.exchange.deliver"


def held(front_end: Postgres | MariaDb) -> dict[tuple[str, int], int]:
    """The hours that the receiver's table has, in local time."""
    rows = front_end.sql("SELECT device_code, hour_start, flow_veh FROM city_hours")
    assert len({(device, hour) for device, hour, _ in rows}) == len(rows)
    return {(str(device), (hour.hour + 8) % 24): int(flow) for device, hour, flow in rows}


def numbers(front_end: Postgres | MariaDb) -> list[int]:
    return [int(number) for (number,) in front_end.sql("SELECT number FROM _citylake_delivery ORDER BY number")]


def test_a_version_arrives_once_with_the_types_of_its_elements(sender: Sender, front_end: Postgres) -> None:
    sender.declare("hours", DATABASE, tables={"by_hour": {"name": "city_hours"}, "by_device": {}})
    assert [sender.deliver()[0].status for _ in range(2)] == ["delivered", "unchanged"]
    assert held(front_end) == sender.published
    kinds = dict(
        front_end.sql("SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'city_hours'")
    )
    assert kinds["hour_start"] == "timestamp with time zone"
    assert kinds["busy"] == "boolean"
    assert front_end.sql("SELECT device_code, hours FROM by_device ORDER BY 1") == [("A1", 2), ("B2", 1)]
    ((rows, sha256),) = front_end.sql("SELECT row_count, sha256 FROM _citylake_delivery")
    assert (rows, len(sha256)) == (5, 64)


def test_changes_insert_update_and_delete_by_key(sender: Sender, front_end: Postgres) -> None:
    sender.declare("hours", DATABASE, **CHANGES)
    sender.deliver()
    sender.count({("A1", 7): 0, ("A1", 8): 31, ("C3", 9): 2})
    record = sender.deliver()[0].record
    assert record
    assert (record.mode, record.inserted, record.updated, record.deleted) == ("changes", 1, 1, 1)
    assert held(front_end) == sender.published


def test_a_database_that_was_restored_gets_what_it_lost(sender: Sender, front_end: Postgres) -> None:
    sender.declare("hours", DATABASE, **CHANGES)
    sender.deliver()
    before = held(front_end)
    sender.count({("C3", 9): 2})
    sender.deliver()
    front_end.sql(
        "DELETE FROM _citylake_delivery WHERE number = 2", "DELETE FROM city_hours WHERE device_code = 'C3'", "SELECT 1"
    )
    assert held(front_end) == before
    assert sender.deliver()[0].status == "delivered"
    assert held(front_end) == sender.published


def test_an_acknowledgement_is_read_back(sender: Sender, front_end: Postgres) -> None:
    sender.declare("hours", DATABASE, tables={"by_hour": {"name": "city_hours"}}, acknowledge_within="1h")
    sender.deliver()
    front_end.sql("UPDATE _citylake_delivery SET acknowledged_at = '2026-04-01 12:00:00+08'", "SELECT 1")
    sender.deliver()
    rows = sender.trial.ledger.read("deliveries").filter(pl.col("acknowledged_at").is_not_null())
    assert [str(at) for at in rows["acknowledged_at"]] == ["2026-04-01 04:00:00+00:00"]


def test_a_table_without_a_column_gets_nothing_of_the_delivery(sender: Sender, front_end: Postgres) -> None:
    sender.declare("hours", DATABASE, tables={"by_hour": {"name": "city_hours"}, "by_device": {}})
    front_end.sql("CREATE TABLE by_device (device_code text)", "SELECT 1")
    (outcome,) = sender.deliver()
    assert outcome.status == "failed"
    assert outcome.problem
    assert outcome.problem.code == "DELIVERY_TABLE_DIFFERS"
    assert numbers(front_end) == []
    assert front_end.sql("SELECT to_regclass('city_hours') IS NULL") == [(True,)]
    failed = sender.trial.ledger.read("accesses").filter(pl.col("access") == "delivery")
    assert failed.select("user", "outcome").rows() == [("clerk", "DELIVERY_TABLE_DIFFERS")]


KILLS = [
    pytest.param(make_delivery, "keep_digests", 1, True, id="digests kept"),
    pytest.param(DatabaseWriter, "insert_control", 1, True, id="in the transaction"),
    pytest.param(DatabaseWriter, "apply", 1, True, id="before the commit"),
    pytest.param(make_delivery, "record_access", 1, False, id="committed"),
    pytest.param(make_delivery, "record_delivery", 2, False, id="access on record"),
    pytest.param(make_delivery, "forget_digests", 1, False, id="in the ledger"),
]


@pytest.mark.parametrize(("module", "name", "call", "after"), KILLS)
def test_a_crash_at_any_point_delivers_nothing_twice_and_loses_nothing(
    sender: Sender,
    front_end: Postgres,
    monkeypatch: pytest.MonkeyPatch,
    module: object,
    name: str,
    call: int,
    after: bool,
) -> None:
    sender.declare("hours", DATABASE, **CHANGES)
    with monkeypatch.context() as patched:
        kill_at(patched, module, name, call, after=after)
        with pytest.raises(KeyboardInterrupt):
            sender.deliver()
    there = numbers(front_end)
    sender.count({("A1", 7): 0, ("C3", 9): 2})
    assert sender.deliver()[0].status == "delivered"
    assert held(front_end) == sender.published
    assert numbers(front_end) == list(range(1, len(there) + 2))
    made = sender.trial.ledger.read("deliveries").filter(pl.col("delivered_at").is_not_null())
    assert made["number"].unique().sort().to_list() == numbers(front_end)


@pytest.mark.parametrize(
    ("place", "when"),
    [
        (f"{DELIVER}.database_writer:DatabaseWriter.apply", "after"),
        (f"{DELIVER}.make_delivery:record_access", "before"),
    ],
)
def test_a_killed_process_leaves_a_whole_delivery_or_none(
    sender: Sender, front_end: Postgres, place: str, when: str
) -> None:
    sender.declare("hours", DATABASE, **CHANGES)
    script = Path(__file__).with_name("killed_delivery.py")
    words = [str(sender.trial.root / "workspace"), sender.trial.lake.url, place, "1", when]
    died = subprocess.run([sys.executable, str(script), *words], capture_output=True, text=True)
    assert died.returncode == -signal.SIGKILL, died.stderr
    assert numbers(front_end) == ([1] if when == "before" else [])
    assert sender.deliver()[0].status == ("recovered" if when == "before" else "delivered")
    assert held(front_end) == sender.published
    assert numbers(front_end) == [1]


def test_mariadb_takes_changes_and_tells_letters_apart(
    sender: Sender, mariadb: MariaDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_EMERGENCY", json.dumps({"uri": mariadb.uri}))
    sender.declare("hours", DATABASE, **CHANGES)
    sender.count({("a1", 7): 4})
    sender.deliver()
    assert held(mariadb) == sender.published
    sender.count({("A1", 7): 0, ("A1", 8): 31, ("C3", 9): 2})
    with monkeypatch.context() as patched:
        kill_at(patched, DatabaseWriter, "apply", 1, after=True)
        with pytest.raises(KeyboardInterrupt):
            sender.deliver()
    assert numbers(mariadb) == [1]
    assert sender.deliver()[0].status == "delivered"
    assert held(mariadb) == sender.published
    assert mariadb.sql("SELECT busy FROM city_hours WHERE device_code = 'A1'") == [(1,)]


def test_a_mariadb_table_that_cannot_undo_is_refused(
    sender: Sender, mariadb: MariaDb, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYLAKE_CONN_EMERGENCY", json.dumps({"uri": mariadb.uri}))
    sender.declare("hours", DATABASE, tables={"by_device": {}})
    mariadb.sql("CREATE TABLE by_device (device_code text, hours bigint) ENGINE=MyISAM")
    (outcome,) = sender.deliver()
    assert outcome.problem
    assert outcome.problem.code == "DELIVERY_NOT_TRANSACTIONAL"
