"""Files on an SFTP server: entered by password or key, only where the host is known, over connections that break."""

from __future__ import annotations

import gc
import json
import random
import socket
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from tests.sftp import PASSWORD, Sftp

BODY = random.Random(4).randbytes(9_000_000)


def test_files_are_found_and_land_exactly(puller: Any, sftp: Sftp) -> None:
    (sftp.folder / "in/2026").mkdir(parents=True)
    (sftp.folder / "in/2026/day2.csv").write_bytes(BODY)
    (sftp.folder / "in/2026/day10.csv").write_bytes(b"a\n1\n")
    receipts = puller(path=f"{sftp.url}/in/**/*.csv", connection="feed")
    assert [(each.name, each.status, each.proof) for each in receipts] == [
        ("2026/day2.csv", "received", "bytes"),
        ("2026/day10.csv", "received", "bytes"),
    ]
    assert receipts[0].source == "sftp://127.0.0.1/in/2026/day2.csv"
    assert Path(receipts[0].landing[0]).read_bytes() == BODY


@pytest.mark.parametrize("how", ["path", "text", "uri"])
def test_the_key_or_the_whole_address_lets_in(
    puller: Any, sftp: Sftp, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sftp.folder / "x.csv").write_bytes(b"a\n1\n")
    key = sftp.control / "client_key"
    by_key = sftp.connection(password="", client_keys=str(key) if how == "path" else key.read_text())
    options = {"known_hosts": sftp.known_hosts, "config": None}
    by_uri = json.dumps({"uri": f"sftp://feed:{PASSWORD}@127.0.0.1:{sftp.port}", "options": options})
    monkeypatch.setenv("CITYLAKE_CONN_FEED", by_uri if how == "uri" else by_key)
    assert puller.one(path=f"{sftp.url}/x.csv", connection="feed").status == "received"


def test_a_wrong_password_or_key_is_told_without_it(puller: Any, sftp: Sftp, monkeypatch: pytest.MonkeyPatch) -> None:
    (sftp.folder / "x.csv").write_bytes(b"a\n1\n")
    stranger = (sftp.control / "stranger_key").read_text()
    for options in ({"password": "a-wrong-password"}, {"password": "", "client_keys": stranger}):
        monkeypatch.setenv("CITYLAKE_CONN_FEED", sftp.connection(**options))
        receipt = puller.one(path=f"{sftp.url}/x.csv", connection="feed")
        assert (receipt.status, receipt.problem.code) == ("failed", "STORE_REFUSED")
        assert not any(secret in str(receipt) for secret in ("a-wrong-password", "feed", stranger[40:80]))


def test_an_unknown_host_gets_no_password(puller: Any, sftp: Sftp, monkeypatch: pytest.MonkeyPatch) -> None:
    other = f"[127.0.0.1]:{sftp.port} {(sftp.control / 'stranger_key.pub').read_text()}"
    for known in ("", other, None):
        monkeypatch.setenv("CITYLAKE_CONN_FEED", sftp.connection(known_hosts=known))
        receipt = puller.one(path=f"{sftp.url}/x.csv", connection="feed")
        assert receipt.problem.code == "STORE_UNKNOWN"
        assert PASSWORD not in str(receipt)


def test_known_hosts_may_be_a_file_or_the_users_own(puller: Any, sftp: Sftp, monkeypatch: pytest.MonkeyPatch) -> None:
    (sftp.folder / "x.csv").write_bytes(b"a\n1\n")
    own = Path.home() / ".ssh/known_hosts"
    own.parent.mkdir()
    own.write_text(sftp.known_hosts + "\n")
    for known in ("", "~/.ssh/known_hosts", str(own)):
        monkeypatch.setenv("CITYLAKE_CONN_FEED", sftp.connection(known_hosts=known))
        assert puller.one(path=f"{sftp.url}/x.csv", connection="feed").status == "received"


def test_a_connection_that_breaks_is_made_again_and_the_file_goes_on(
    puller: Any, sftp: Sftp, caplog: pytest.LogCaptureFixture
) -> None:
    (sftp.folder / "x.csv").write_bytes(BODY)
    # A third of the file: what had arrived before the first cut must leave enough for the second.
    sftp.cut(after=3_000_000, times=2)
    receipt = puller.one(path=f"{sftp.url}/x.csv", connection="feed")
    assert (receipt.status, receipt.size_bytes) == ("received", len(BODY))
    assert Path(receipt.landing[0]).read_bytes() == BODY
    assert (sftp.control / "cut").read_text() == "3000000 0"
    gc.collect()
    assert not [record for record in caplog.records if record.exc_info]


def test_a_server_that_dies_leaves_nothing_half_read(puller: Any, sftp: Sftp) -> None:
    (sftp.folder / "x.csv").write_bytes(BODY)
    sftp.cut(after=1_000_000, times=99)
    receipt = puller.one(path=f"{sftp.url}/x.csv", connection="feed")
    assert (receipt.status, receipt.problem.code) == ("failed", "STORE_BROKE_OFF")
    assert puller.landed() == []


def test_memory_does_not_grow_with_the_file(puller: Any, sftp: Sftp) -> None:
    with (sftp.folder / "x.csv").open("wb") as file:
        file.truncate(60_000_000)
    tracemalloc.start()
    try:
        assert puller.one(path=f"{sftp.url}/x.csv", connection="feed").size_bytes == 60_000_000
        assert tracemalloc.get_traced_memory()[1] < 25_000_000
    finally:
        tracemalloc.stop()


def test_a_host_that_is_not_there_is_told(puller: Any, sftp: Sftp) -> None:
    sftp.kill()
    receipt = puller.one(path=f"{sftp.url}/x.csv", connection="feed", attempts=2)
    assert (receipt.status, receipt.problem.code) == ("failed", "STORE_UNREACHABLE")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nowhere = f"sftp://127.0.0.1:{free.getsockname()[1]}/x.csv"
    assert puller.one(path=nowhere, connection="feed").problem.code == "STORE_UNREACHABLE"


def test_what_may_not_be_read_is_told(puller: Any, sftp: Sftp) -> None:
    (sftp.folder / "in").mkdir()
    assert puller.one(path=f"{sftp.url}/in", connection="feed").problem.code == "SOURCE_IS_FOLDER"
    assert puller.one(path=f"{sftp.url}/in/*.csv", connection="feed").problem.code == "SOURCE_NO_FILE"
    assert puller.one(path=f"{sftp.url}/none/x.csv", connection="feed").problem.code == "SOURCE_NO_FILE"


def test_a_zip_is_read_member_by_member(puller: Any, sftp: Sftp, zipped: Any) -> None:
    zipped(sftp.folder / "x.zip", {"a.csv": BODY, "b.csv": b"b"})
    sftp.cut(after=6_000_000, times=1)
    receipts = puller(path=f"{sftp.url}/x.zip", connection="feed", member="*.csv")
    assert [Path(each.landing[0]).read_bytes() for each in receipts] == [BODY, b"b"]
