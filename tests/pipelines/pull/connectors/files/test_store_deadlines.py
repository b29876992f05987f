"""A store that accepts and never answers ends a pull in the stated time; what breaks off is never the whole file."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import fsspec
import pytest

from citylake.pipelines.pull.connectors.files import store_limits
from tests.object_store import BUCKET, misbehaving
from tests.raw_server import raw_server, silent, trickling
from tests.sftp import Sftp

ENOUGH_S = 10.0
BODY = bytes(range(256)) * 20_000
ONE = f"{BUCKET}/stalls/x.csv"
KEYS = {"key": "an-access-key", "secret": "a-secret-key"}


def test_a_store_that_accepts_and_never_answers_is_told_in_time(puller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for library in ("s3fs", "sshfs"):
        pytest.importorskip(library, reason="the extra connectors is not installed")
    with raw_server(silent) as port:
        place = f"127.0.0.1:{port}"
        options = {
            f"{BUCKET}/x.csv": {**KEYS, "client_kwargs": {"endpoint_url": f"http://{place}"}},
            f"sftp://{place}/x.csv": {"username": "a", "password": "b", "config": None},
            f"ftp://{place}/x.csv": {},
        }
        for path, said in options.items():
            monkeypatch.setenv("CITYLAKE_CONN_SILENT", json.dumps({"options": said}))
            began = time.monotonic()
            receipt = puller.one(path=path, connection="silent", attempts=1, timeout_s=0.1)
            assert (receipt.status, receipt.problem.code) == ("failed", "STORE_UNREACHABLE"), path
            assert time.monotonic() - began < ENOUGH_S, path


def test_a_trickled_answer_of_a_store_ends_at_the_deadline(puller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with raw_server(trickling(b"220 ", b"a")) as port:
        monkeypatch.setenv("CITYLAKE_CONN_SLOW", json.dumps({"options": {}}))
        began = time.monotonic()
        receipt = puller.one(path=f"ftp://127.0.0.1:{port}/x.csv", connection="slow", timeout_s=3, deadline_s=0.5)
    assert (receipt.status, receipt.problem.code) == ("failed", "PULL_TOO_LONG")
    assert time.monotonic() - began < ENOUGH_S


@pytest.fixture(scope="module")
def object_options(s3_url: str) -> dict[str, Any]:
    """How a store is reached that holds the object ``ONE``, which no test changes."""
    said = {**KEYS, "client_kwargs": {"endpoint_url": s3_url}}
    fsspec.filesystem("s3", skip_instance_cache=True, **said).pipe_file(ONE, BODY)
    return said


@pytest.fixture
def object_path(object_options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> str:
    """The URL of an object that CITYLAKE_CONN_OBS can read."""
    monkeypatch.setenv("CITYLAKE_CONN_OBS", json.dumps({"options": object_options}))
    return ONE


@pytest.mark.parametrize("how", ["silent", "cut", "stall"])
@pytest.mark.parametrize("match", ["list-type", "HEAD", "GET .* bytes="])
def test_one_request_without_a_whole_answer_is_made_again(
    puller: Any, s3_url: str, object_path: str, how: Any, match: str
) -> None:
    with misbehaving(s3_url, how, match):
        receipt = puller.one(path=object_path.replace("x.csv", "*.csv"), connection="obs", timeout_s=0.5)
    assert receipt.status == "received"
    assert Path(receipt.landing[0]).read_bytes() == BODY


@pytest.mark.parametrize("match", ["list-type", "GET .* bytes="])
def test_a_store_that_falls_silent_ends_the_pull_and_lands_nothing(
    puller: Any, s3_url: str, object_path: str, match: str
) -> None:
    path = object_path.replace("x.csv", "*.csv")
    began = time.monotonic()
    with misbehaving(s3_url, "stall", match, times=999):
        receipt = puller.one(path=path, connection="obs", timeout_s=0.2, attempts=1)
    assert receipt.status == "failed"
    assert receipt.problem.code in ("STORE_UNREACHABLE", "STORE_BROKE_OFF")
    assert puller.landed() == []
    assert time.monotonic() - began < ENOUGH_S


def test_an_sftp_server_that_lives_and_never_answers_a_read(
    puller: Any, sftp: Sftp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_limits, "_SILENCES", 1)
    (sftp.folder / "x.csv").write_bytes(BODY)
    ask = {"path": f"{sftp.url}/x.csv", "connection": "feed", "timeout_s": 2}
    sftp.stall(times=1)
    receipt = puller.one(**ask, attempts=2)
    assert Path(receipt.landing[0]).read_bytes() == BODY
    Path(receipt.landing[0]).unlink()
    sftp.stall(times=999)
    receipt = puller.one(**{**ask, "timeout_s": 1}, attempts=1, trust="bytes")
    assert (receipt.status, receipt.problem.code) == ("failed", "STORE_UNREACHABLE")
    receipt = puller.one(**ask, attempts=9, trust="bytes", deadline_s=0.6)
    assert (receipt.status, receipt.problem.code) == ("failed", "PULL_TOO_LONG")
    assert puller.landed() == []
