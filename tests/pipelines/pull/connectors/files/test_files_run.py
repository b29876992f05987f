"""Files through the whole of ``citylake run``: from a folder, an object store and an SFTP server."""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import fsspec
import pytest

from tests.object_store import BUCKET
from tests.sftp import PASSWORD, Sftp
from tests.trial import Trial

HEAD = "时间,设备,流量\n"
UPSERT = {"mode": "upsert", "key": ["device_code", "hour_start"], "partition": "day(hour_start)"}
REPLACE = {"mode": "replace", "partition": "day(hour_start)"}
APPEND = {"mode": "append", "partition": "day(hour_start)"}
DATASET = "traffic.counts"


def declare(trial: Trial, path: str, write: Any = UPSERT, **source: Any) -> None:
    contract = {
        "dataset": DATASET,
        "title": {"zh": "流量", "en": "counts"},
        "owner": {"department": "市交通运输局"},
        "zone": "Asia/Shanghai",
        "source": {"connector": "files", "path": path, "format": "csv", **source},
        "fields": {
            "时间": {"element": "time.hour_start", "format": "%Y-%m-%d %H:%M"},
            "设备": {"element": "traffic.device_code"},
            "流量": {"element": "traffic.flow"},
        },
        "write": write,
    }
    trial.declare("datasets/traffic/counts", contract)


def counts(*rows: tuple[int, int, int]) -> bytes:
    """A file of rows: day of March, hour, flow."""
    body = "".join(f"2026-03-{day:02} {hour:02}:00,JT0000000001,{flow}\n" for day, hour, flow in rows)
    return (HEAD + body).encode()


def flows(trial: Trial) -> list[int]:
    return sorted(trial.standard(DATASET)["flow_veh"].to_list())


Put = Callable[[str, bytes], None]


@pytest.fixture(params=["folder", "s3", "sftp"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Put, dict[str, Any]]:
    """How a file is put into each kind of store, and what a source there is declared with."""
    if request.param == "s3":
        options = {"key": "k", "secret": "s", "client_kwargs": {"endpoint_url": request.getfixturevalue("s3_url")}}
        monkeypatch.setenv("CITYLAKE_CONN_FEED", json.dumps({"options": options}))
        store = fsspec.filesystem("s3", skip_instance_cache=True, **options)
        folder = f"{BUCKET}/{tmp_path.name}"
        return lambda name, body: store.pipe_file(f"{folder}/{name}", body), {"path": folder, "connection": "feed"}
    if request.param == "sftp":
        server: Sftp = request.getfixturevalue("sftp")
        return lambda name, body: _write(server.folder / name, body), {"path": server.url, "connection": "feed"}
    return lambda name, body: _write(tmp_path / "in" / name, body), {"path": str(tmp_path / "in")}


def _write(path: Path, body: bytes) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(body)


def test_what_is_flagged_and_as_its_checksum_says_is_taken(trial: Trial, place: tuple[Put, dict[str, Any]]) -> None:
    put, source = place
    source = {**source, "path": f"{source['path']}/*", "ready": {"flag": ".ok"}, "checksum": {"md5": ".md5"}}
    declare(trial, **source)
    put("a.csv", counts((1, 8, 10)))
    waiting = trial.run()
    told = trial.dataset(waiting, DATASET)
    assert (waiting.exit_code, told["status"], told["receipts"][0]["status"]) == (0, "unchanged", "waiting")
    assert [problem["code"] for problem in told["problems"]] == ["FILE_WAITS"]
    put("a.csv.ok", b"")
    put("a.csv.md5", b"0" * 32 + b"  a.csv\n")
    wrong = trial.run()
    told = trial.dataset(wrong, DATASET)
    assert (wrong.exit_code, told["status"], told["problems"][0]["code"]) == (2, "incomplete", "CHECKSUM_DIFFERS")
    put("a.csv.md5", hashlib.md5(counts((1, 8, 10))).hexdigest().encode())
    assert trial.run().exit_code == 0
    assert flows(trial) == [10]
    assert trial.receipts(DATASET)[-1]["proof"] == "flag"


def test_one_file_that_waits_keeps_no_other_back(trial: Trial, place: tuple[Put, dict[str, Any]]) -> None:
    put, source = place
    declare(trial, **{**source, "path": f"{source['path']}/*.csv"}, ready={"flag": ".ok"})
    for name in ("a.csv", "b.csv", "b.csv.ok"):
        put(name, counts((1, 8, len(name))))
    first = trial.run()
    assert (first.exit_code, trial.dataset(first, DATASET)["status"]) == (0, "committed")
    assert {each["status"] for each in trial.dataset(first, DATASET)["receipts"]} == {"waiting", "received"}


@pytest.mark.parametrize(
    ("write", "after"), [(UPSERT, [11, 20, 30, 40]), (REPLACE, [11, 20, 40])], ids=["upsert", "replace"]
)
def test_new_bytes_of_the_same_name_correct_the_old(
    trial: Trial, place: tuple[Put, dict[str, Any]], write: Any, after: list[int]
) -> None:
    put, source = place
    declare(trial, **{**source, "path": f"{source['path']}/*.csv"}, write=write)
    put("a.csv", counts((1, 8, 10), (1, 9, 20), (1, 10, 30)))
    put("b.csv", counts((2, 8, 40)))
    trial.run()
    assert trial.dataset(trial.run(), DATASET)["status"] == "unchanged"
    put("a.csv", counts((1, 8, 11), (1, 9, 20)))
    assert trial.run().exit_code == 0
    assert flows(trial) == after


@pytest.mark.parametrize("write", [UPSERT, REPLACE, APPEND], ids=["upsert", "replace", "append"])
def test_a_file_that_grew_gives_each_row_once(trial: Trial, place: tuple[Put, dict[str, Any]], write: Any) -> None:
    put, source = place
    declare(trial, **{**source, "path": f"{source['path']}/*.csv"}, write=write)
    put("log.csv", counts((1, 8, 10), (1, 9, 20)))
    put("other.csv", counts((2, 8, 40)))
    trial.run()
    for hours in (11, 12):
        put("log.csv", counts(*((1, hour, hour) for hour in range(8, hours))))
        assert trial.run().exit_code == 0
    assert flows(trial) == [8, 9, 10, 11, 40]


def test_rows_of_an_earlier_version_are_named_where_they_go(trial: Trial, tmp_path: Path) -> None:
    declare(trial, str(tmp_path / "in/*.csv"), write=APPEND)
    _write(tmp_path / "in/log.csv", counts((1, 8, 10), (1, 9, 20)))
    trial.run()
    _write(tmp_path / "in/log.csv", counts((1, 8, 10), (1, 9, 20), (1, 10, 30)))
    told = trial.dataset(trial.run(), DATASET)
    assert (told["rows_standard"], told["rows_superseded"]) == (3, 2)
    first, second = (each["id"] for each in trial.receipts(DATASET))
    lost = trial.ledger.read("duplicates")
    assert set(lost.select("_receipt", "survivor_receipt", "kind").rows()) == {(first, second, "superseded")}
    _write(tmp_path / "in/log.csv", counts((1, 8, 10), (1, 9, 20)))
    trial.run()
    assert flows(trial) == [10, 20]


def test_files_of_one_name_in_two_folders_are_not_versions_of_each_other(trial: Trial, tmp_path: Path) -> None:
    declare(trial, [str(tmp_path / "a/x.csv"), str(tmp_path / "b/x.csv")], write=APPEND)  # type: ignore[arg-type]
    _write(tmp_path / "a/x.csv", counts((1, 8, 10)))
    _write(tmp_path / "b/x.csv", counts((1, 9, 20)))
    trial.run()
    _write(tmp_path / "b/x.csv", counts((1, 9, 21)))
    trial.run()
    assert flows(trial) == [10, 21]


def test_a_name_that_is_used_again_may_bring_more_rows(trial: Trial, tmp_path: Path) -> None:
    declare(trial, str(tmp_path / "in/*.csv"), write=APPEND, same_name="more")
    for flow in (10, 20):
        _write(tmp_path / "in/current.csv", counts((1, 8, flow)))
        trial.run()
    assert flows(trial) == [10, 20]


def test_what_did_not_change_is_not_read_again(trial: Trial, place: tuple[Put, dict[str, Any]]) -> None:
    put, source = place
    declare(trial, **{**source, "path": f"{source['path']}/*.csv"}, trust="mtime")
    put("a.csv", counts((1, 8, 10)))
    if not source["path"].startswith("s3://"):
        (changed,) = trial.root.rglob("a.csv")
        os.utime(changed, (time.time() - 100,) * 2)
    trial.run()
    assert trial.dataset(trial.run(), DATASET)["status"] == "unchanged"
    assert [each["proof"] for each in trial.receipts(DATASET)] == ["bytes", "snapshot"]
    put("a.csv", counts((1, 8, 11)))
    trial.run()
    assert flows(trial) == [11]


def test_days_are_chosen_by_name(trial: Trial, place: tuple[Put, dict[str, Any]]) -> None:
    put, source = place
    pattern = r"(?P<day>\d{8})"
    declare(trial, **{**source, "path": f"{source['path']}/*.csv"}, name_fields=pattern)
    for day in (1, 2, 3):
        put(f"counts_2026030{day}.csv", counts((day, 8, day)))
    trial.run(day_from=date(2026, 3, 2), day_to=date(2026, 3, 2))
    assert flows(trial) == [2]


def test_credentials_stand_nowhere(trial: Trial, sftp: Sftp, capfd: pytest.CaptureFixture[str]) -> None:
    declare(trial, f"{sftp.url}/*.csv", connection="feed", attempts=1)
    _write(sftp.folder / "a.csv", counts((1, 8, 10)))
    trial.run()
    sftp.kill()
    assert trial.run().exit_code == 2
    kept = b"".join(path.read_bytes() for path in Path(trial.lake.url).rglob("*") if path.is_file())
    printed = capfd.readouterr()
    assert PASSWORD.encode() not in kept
    assert PASSWORD not in printed.out + printed.err
    assert PASSWORD not in json.dumps(trial.receipts(DATASET), default=str)
