"""Files in an object store, reached as whom a connection says."""

from __future__ import annotations

import hashlib
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fsspec
import pytest

from tests.object_store import BUCKET, ask_for_credentials, misbehaving

OPTIONS = {"key": "an-access-key", "secret": "a-secret-key"}


@pytest.fixture
def put(s3_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str, bytes], None]:
    """Puts an object into the bucket, which CITYLAKE_CONN_OBS can read."""
    monkeypatch.setenv("CITYLAKE_CONN_OBS", connection(s3_url))
    store = fsspec.filesystem("s3", skip_instance_cache=True, **json.loads(connection(s3_url))["options"])
    store.rm(BUCKET.removeprefix("s3://") + "/in", recursive=True) if store.exists(f"{BUCKET}/in") else None
    return lambda name, body: store.pipe_file(f"{BUCKET}/in/{name}", body)


def connection(url: str, **options: Any) -> str:
    said = {**OPTIONS, "client_kwargs": {"endpoint_url": url}, **options}
    return json.dumps({"options": said})


def test_objects_land_exactly_and_are_not_read_again(
    puller: Any, put: Callable[[str, bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    body = bytes(range(256)) * 30_000
    put("a/x.csv", body)
    put("y.csv", b"a\n1\n")
    ask = {"path": f"{BUCKET}/in/**/*.csv", "connection": "obs"}
    receipts = puller(**ask)
    assert [(each.name, each.source) for each in receipts] == [
        ("a/x.csv", "s3://city/in/a/x.csv"),
        ("y.csv", "s3://city/in/y.csv"),
    ]
    assert Path(receipts[0].landing[0]).read_bytes() == body
    puller.commit(receipts)
    assert [(each.status, each.proof) for each in puller(**ask)] == [("unchanged", "snapshot")] * 2
    put("y.csv", b"a\n2\n")
    assert [each.status for each in puller(**ask)] == ["unchanged", "received"]


def test_flags_and_checksums_lie_in_the_bucket_too(puller: Any, put: Callable[[str, bytes], None]) -> None:
    put("x.csv", b"a\n1\n")
    ask = {"connection": "obs", "ready": {"flag": ".ok"}, "checksum": {"md5": ".md5"}}
    assert puller.one(path=f"{BUCKET}/in/*", **ask).status == "waiting"
    put("x.csv.ok", b"")
    put("x.csv.md5", hashlib.md5(b"a\n1\n").hexdigest().encode())
    assert puller.one(path=f"{BUCKET}/in/*", **ask).status == "received"


def test_a_bucket_that_is_not_there_is_told(puller: Any, put: Callable[[str, bytes], None]) -> None:
    for path in ("s3://no-such-bucket/in/*.csv", "s3://no-such-bucket/x.csv"):
        receipt = puller.one(path=path, connection="obs")
        assert (receipt.status, receipt.problem.code) == ("failed", "STORE_MISSING")
    assert puller.one(path=f"{BUCKET}/in/none*.csv", connection="obs").problem.code == "SOURCE_NO_FILE"


def test_credentials_that_are_refused_are_told_without_them(
    puller: Any, put: Callable[[str, bytes], None], s3_url: str
) -> None:
    put("x.csv", b"a\n1\n")
    ask_for_credentials(s3_url, after=0)
    try:
        for path in (f"{BUCKET}/in/x.csv", f"{BUCKET}/in/*.csv"):
            receipt = puller.one(path=path, connection="obs")
            assert (receipt.status, receipt.problem.code) == ("failed", "STORE_REFUSED")
            assert not any(secret in str(receipt) for secret in OPTIONS.values())
    finally:
        ask_for_credentials(s3_url, after=10**9)


def test_a_store_that_does_not_answer_is_told(puller: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    config = {"connect_timeout": 1, "retries": {"max_attempts": 0}}
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = connection(f"http://127.0.0.1:{closed.getsockname()[1]}", config_kwargs=config)
    monkeypatch.setenv("CITYLAKE_CONN_OBS", nowhere)
    receipt = puller.one(path=f"{BUCKET}/x.csv", connection="obs", attempts=2)
    assert (receipt.status, receipt.problem.code) == ("failed", "STORE_UNREACHABLE")


def test_an_object_that_breaks_off_is_asked_for_again_and_else_nothing_goes_on(
    puller: Any, put: Callable[[str, bytes], None], s3_url: str
) -> None:
    body = bytes(range(256)) * 30_000
    put("x.csv", body)
    with misbehaving(s3_url, "cut", "GET .* bytes=", times=2):
        receipt = puller.one(path=f"{BUCKET}/in/x.csv", connection="obs")
    assert Path(receipt.landing[0]).read_bytes() == body
    Path(receipt.landing[0]).unlink()
    with misbehaving(s3_url, "cut", "GET .* bytes=", times=999):
        receipt = puller.one(path=f"{BUCKET}/in/x.csv", connection="obs", attempts=2, trust="bytes")
    assert (receipt.status, receipt.problem.code) == ("failed", "STORE_BROKE_OFF")
    assert puller.landed() == []


def test_without_credentials_the_connection_is_named(puller: Any) -> None:
    receipt = puller.one(path=f"{BUCKET}/x.csv", connection="nobody")
    assert (receipt.problem.code, receipt.problem.values["connection"]) == ("CONNECTION_UNSET", "nobody")
