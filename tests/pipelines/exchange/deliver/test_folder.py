"""An exchange folder: each version once, complete when its manifest is there, acknowledged by the receiver."""

from __future__ import annotations

import hashlib
import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from citylake.pipelines.exchange.deliver import folder_target, make_delivery
from citylake.pipelines.exchange.deliver.delivery_documents import status_documents
from citylake.pipelines.exchange.deliver.make_delivery import find_deliveries
from tests.pipelines.exchange.deliver.conftest import FOLDER, Sender, applied, kill_at, received_files


def test_a_delivery_says_what_it_is_and_its_checksums_are_right(sender: Sender, exchange: Path) -> None:
    sender.declare("hours", FOLDER)
    (outcome,) = sender.deliver()
    assert outcome.status == "delivered"
    (manifest,) = received_files(exchange)
    assert (manifest["department"], manifest["mode"], manifest["rows"], manifest["number"]) == ("应急局", "full", 5, 1)
    columns = {column["name"]: column for column in manifest["tables"][0]["columns"]}
    assert columns["flow_veh"]["element"] == "traffic.flow"
    assert columns["flow_veh"]["title"]["zh"]
    folder = exchange / manifest["id"]
    told = dict(reversed(line.split("  ")) for line in (folder / "checksums.sha256").read_text().splitlines())
    assert told == {each["file"]: each["sha256"] for each in manifest["tables"]}
    assert all(hashlib.sha256((folder / file).read_bytes()).hexdigest() == sha for file, sha in told.items())
    assert applied(exchange) == sender.published


def test_the_same_version_is_delivered_once_and_the_next_one_again(sender: Sender, exchange: Path) -> None:
    sender.declare("hours", FOLDER)
    assert [sender.deliver()[0].status for _ in range(2)] == ["delivered", "unchanged"]
    sender.count({("B2", 7): 6})
    assert [sender.deliver()[0].status for _ in range(2)] == ["delivered", "unchanged"]
    assert [each["number"] for each in received_files(exchange)] == [1, 2]


def test_a_receiver_that_empties_the_folder_gets_nothing_twice(sender: Sender, exchange: Path) -> None:
    sender.declare("hours", FOLDER)
    sender.deliver()
    shutil.rmtree(exchange / received_files(exchange)[0]["id"])
    assert sender.deliver()[0].status == "unchanged"
    assert received_files(exchange) == []


def test_changes_are_what_was_inserted_updated_and_withdrawn(sender: Sender, exchange: Path) -> None:
    sender.declare("hours", FOLDER, mode="changes", tables={"by_hour": {}})
    sender.deliver()
    sender.count({("A1", 7): 0, ("A1", 8): 31, ("C3", 9): 2})
    record = sender.deliver()[0].record
    assert record
    assert (record.inserted, record.updated, record.deleted) == (1, 1, 1)
    first, second = received_files(exchange)
    assert second["since"] == first["id"]
    assert applied(exchange) == sender.published


def test_changes_wait_for_the_acknowledgement_of_those_before_them(sender: Sender, exchange: Path) -> None:
    sender.declare("hours", FOLDER, mode="changes", tables={"by_hour": {}}, acknowledge_within="1h")
    sender.deliver()
    sender.count({("A1", 7): 11})
    assert sender.deliver()[0].status == "waiting"
    sender.count({("C3", 9): 2})
    (exchange / f"{received_files(exchange)[0]['id']}.done").touch()
    assert sender.deliver()[0].status == "delivered"
    assert received_files(exchange)[1]["rows"] == 2
    assert applied(exchange) == sender.published


def test_a_late_acknowledgement_shows_and_a_given_one_is_in_the_ledger(sender: Sender, exchange: Path) -> None:
    sender.declare("hours", FOLDER, acknowledge_within="1ms")
    sender.deliver()
    context = sender.context()
    (status,) = status_documents(context, find_deliveries(context))
    assert status["late"]
    done = exchange / f"{received_files(exchange)[0]['id']}.done"
    done.touch()
    os.utime(done, (1_800_000_500, 1_800_000_500))
    context = sender.context()
    (status,) = status_documents(context, find_deliveries(context))
    assert not status["late"]
    assert datetime.fromisoformat(status["last"]["acknowledged_at"]) == datetime.fromtimestamp(1_800_000_500, UTC)


KILLS = [
    pytest.param(make_delivery, "record_delivery", 1, False, id="before it begins"),
    pytest.param(make_delivery, "record_delivery", 1, True, id="begun"),
    pytest.param(folder_target, "_place", 1, True, id="one file of two"),
    pytest.param(folder_target, "_write", 1, True, id="without its manifest"),
    pytest.param(folder_target, "_write", 2, True, id="with its manifest"),
    pytest.param(make_delivery, "record_access", 1, True, id="access on record"),
    pytest.param(make_delivery, "record_delivery", 2, False, id="not in the ledger"),
    pytest.param(make_delivery, "record_delivery", 2, True, id="in the ledger"),
]


@pytest.mark.parametrize(("module", "name", "call", "after"), KILLS)
@pytest.mark.parametrize("mode", ["full", "changes"])
def test_a_crash_at_any_point_delivers_nothing_twice_and_loses_nothing(
    sender: Sender,
    exchange: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    module: object,
    name: str,
    call: int,
    after: bool,
) -> None:
    sender.declare("hours", FOLDER, mode=mode)
    with monkeypatch.context() as patched:
        kill_at(patched, module, name, call, after=after)
        with pytest.raises(KeyboardInterrupt):
            sender.deliver()
    before = len(received_files(exchange))
    # The next version is there before anybody runs it again.
    sender.count({("A1", 7): 0, ("C3", 9): 2})
    sender.deliver()
    assert applied(exchange) == sender.published
    assert [each["number"] for each in received_files(exchange)] == list(range(1, before + 2))
    rows = sender.trial.ledger.read("deliveries").filter(pl.col("delivered_at").is_not_null())
    assert rows["delivery_id"].unique().sort().to_list() == [each["id"] for each in received_files(exchange)]
    accesses = sender.trial.ledger.read("accesses").filter(pl.col("access") == "delivery")
    assert all(any(each["id"] in request for request in accesses["request"]) for each in received_files(exchange))


def test_what_a_receiver_took_before_it_was_recorded_is_not_delivered_again(
    sender: Sender, exchange: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sender.declare("hours", FOLDER)
    with monkeypatch.context() as patched:
        kill_at(patched, make_delivery, "record_access", 1, after=False)
        with pytest.raises(KeyboardInterrupt):
            sender.deliver()
    (manifest,) = received_files(exchange)
    (exchange / f"{manifest['id']}.done").touch()
    shutil.rmtree(exchange / manifest["id"])
    assert sender.deliver()[0].status == "recovered"
    assert received_files(exchange) == []
