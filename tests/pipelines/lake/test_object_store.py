"""A lake on an object store does what a lake in a folder does. The store is a server that speaks S3 on this machine."""

from __future__ import annotations

import json
import secrets
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from socket import socket
from typing import Any

import polars as pl
import pytest
from fsspec.registry import _registry
from polars.testing import assert_frame_equal

pytest.importorskip("s3fs", reason="the extra connectors is not installed")
pytest.importorskip("moto", reason="moto is not installed")

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.read.source_row import read_source_row
from citylake.pipelines.records import BatchResult
from tests.object_store import BUCKET, ask_for_credentials, serving
from tests.stored_city import ASK, STEPS, City, folder_city, stored_city


@pytest.fixture(scope="module")
def city(store: str, tmp_path_factory: pytest.TempPathFactory) -> City:
    return stored_city(tmp_path_factory, f"{BUCKET}/lakes/one")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> City:
    return folder_city(tmp_path_factory)


def counts(told: Any, name: str) -> dict[str, Any]:
    found = next(each for each in told["datasets"] if each["dataset"] == name)
    return {key: found[key] for key in found if key.startswith("rows_") or key in ("status", "days", "issues")}


def test_every_run_tells_the_same_as_on_a_folder(city: City, folder: City) -> None:
    for step, (code, told) in city.told.items():
        near_code, near = folder.told[step]
        assert code == near_code, (step, told)
        for name in ("traffic.counts", "traffic.devices"):
            assert counts(told, name) == counts(near, name), step
        assert [mart["status"] for mart in told["marts"]] == [mart["status"] for mart in near["marts"]], step


def test_the_runs_do_what_they_should(city: City) -> None:
    by_step = {step: (code, counts(told, "traffic.counts")["status"]) for step, (code, told) in city.told.items()}
    assert by_step == {
        "first": (0, "committed"),
        "again": (0, "unchanged"),
        "corrected": (0, "committed"),
        "held": (2, "held"),
    }
    assert [told["marts"][0]["status"] for _, told in city.told.values()] == [
        *("published", "unchanged", "published", "unchanged")
    ]
    assert counts(city.told["corrected"][1], "traffic.counts")["rows_superseded"] == 1


@pytest.mark.parametrize("zone", ["standard/traffic.counts", "standard/traffic.devices", "quarantine/traffic.counts"])
def test_a_table_reads_back_as_that_of_a_folder(city: City, folder: City, zone: str) -> None:
    far, near = city.table(city.lake.path(zone)), folder.table(folder.lake.path(zone))
    assert far.height > 0
    assert_frame_equal(far, near)


def test_the_ledger_names_the_same_lost_rows(city: City, folder: City) -> None:
    places = city.lake.ledger("duplicates"), folder.lake.ledger("duplicates")
    assert_frame_equal(city.table(places[0]), folder.table(places[1]))


def test_the_mart_is_queried_from_a_copy(city: City) -> None:
    code, told = city.json(*ASK)
    assert code == 0
    rows = [(row["day"], row["flow_veh"], row["devices"]) for row in told["rows"]]
    assert rows == [("2026-03-01", 35, 1), ("2026-03-02", 30, 1)]


def test_the_quarantine_is_listed(city: City) -> None:
    code, found = city.json("quarantine", "list", "--dataset", "traffic.counts")
    assert (code, found["total"]) == (0, 4)
    (refused,) = [row for row in found["rows"] if row["state"] == "open"]
    assert (refused["source"], refused["raw"]["流量"]) == ("counts [2].csv", "many")
    assert {row["source"] for row in found["rows"] if row["state"] == "held"} == {"counts 4.csv"}


def test_a_row_of_a_source_is_read_from_the_store(city: City) -> None:
    place, options = city.lake.quarantine("traffic.counts"), city.lake.storage_options
    bad = pl.read_delta(place, storage_options=options).filter(state="open").row(0, named=True)
    assert read_source_row(city.lake, bad["_receipt"], bad["_row"]) == json.loads(bad["raw"])
    assert json.loads(city.lake.fs.cat_file(f"{city.lake.raw('traffic.counts', bad['_receipt'])}/read.json"))["rows"]


def test_status_and_report_are_told_from_the_store(city: City) -> None:
    code, found = city.json("status")
    assert (code, {item["dataset"] for item in found["datasets"]}) == (0, {"traffic.counts", "traffic.devices"})
    report = city.told["first"][1]["report"].rpartition("/reports/")[2]
    assert city.lake.fs.cat_file(city.lake.path("reports", report)).decode().startswith("<!")


def test_the_bytes_are_kept_as_they_came(city: City) -> None:
    landed = city.lake.fs.find(city.lake.path("landing"))
    assert not [path for path in landed if path.endswith(".partial")]
    bracketed = next(path for path in landed if path.endswith("/counts _2_.csv"))
    assert city.lake.fs.cat_file(bracketed).decode() == STEPS["first"]["counts [2].csv"]


def test_expectations_are_judged_on_the_store(city: City) -> None:
    pytest.importorskip("great_expectations", reason="the extra quality is not installed")
    code, told = city.json("expectations", "--dataset", "traffic.devices", "--out", str(city.root / "docs"))
    assert (code, told["success"]) == (0, True)


def test_what_writers_at_once_note_is_all_kept(store: str) -> None:
    lake = Lake(f"{BUCKET}/lakes/busy")

    def note(_: int) -> None:
        ledger = Ledger(lake)
        ledger.add_batches([BatchResult("traffic.counts", "unchanged")], run=secrets.token_hex(4))
        ledger.flush()

    Ledger(lake).add_batches([])
    note(0)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(note, range(8)))
    assert Ledger(lake).read("batches").height == 9


@pytest.mark.parametrize("command", [("run",), ("status",), ASK])
def test_a_bucket_that_does_not_exist_is_a_fault_of_usage(city: City, command: tuple[str, ...]) -> None:
    nowhere = City(city.root, Lake("s3://no-such-bucket/lake"), {})
    code, told = nowhere.json(*command)
    assert (code, told["error"]["code"]) == (1, "LAKE_UNUSABLE")
    assert "s3://no-such-bucket/lake" in told["error"]["text"]["en"]


@pytest.mark.parametrize("command", [("run",), ("status",)])
def test_credentials_that_are_not_known_are_a_fault_of_usage(
    city: City, store: str, command: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    ask_for_credentials(store, after=0)
    try:
        code, printed = city.call(*command)
    finally:
        ask_for_credentials(store, after=10**9)
    assert code == 1
    assert "cannot be used" in printed
    assert "Traceback" not in printed


def test_a_store_that_does_not_answer_may_be_asked_again(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket() as closed:
        closed.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{closed.getsockname()[1]}")
        monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
        code, told = City(city.root, Lake(city.lake.url), {}).json("run")
    assert (code, told["error"]["code"]) == (3, "LAKE_UNREACHABLE")


def test_a_store_that_ignores_conditions_is_refused(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    with serving("HTTP_IF_NONE_MATCH") as careless:
        monkeypatch.setenv("AWS_ENDPOINT_URL", careless)
        code, told = City(city.root, Lake(city.lake.url), {}).json("run")
    assert (code, told["error"]["code"]) == (1, "LAKE_OVERWRITES")


def test_without_the_extra_the_package_is_named(city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    for protocol in ("s3", "s3a"):
        monkeypatch.delitem(_registry, protocol, raising=False)
    monkeypatch.setitem(sys.modules, "s3fs", None)
    code, told = City(city.root, Lake(city.lake.url), {}).json("status")
    assert (code, told["error"]["code"]) == (1, "LAKE_NEEDS_EXTRA")
    assert "s3fs" in told["error"]["text"]["en"]


def test_a_file_is_no_lake(tmp_path: Path, city: City) -> None:
    (tmp_path / "lake").write_text("")
    for command in ("run", "status"):
        code, told = City(city.root, Lake(str(tmp_path / "lake")), {}).json(command)
        assert (code, told["error"]["code"]) == (1, "LAKE_UNUSABLE")
