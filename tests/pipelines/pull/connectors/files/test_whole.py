"""A file is taken when it is whole: flagged, quiet, unchanged while it is read, and as its checksum says."""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.pull.connectors.files import source_file as reading

BODY = b"a\n1\n"
HOUR_S = 3600


def put(path: Path, body: bytes = BODY, age_s: float = 0) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(body)
    os.utime(path, (time.time() - age_s,) * 2)
    return path


@pytest.mark.parametrize(
    ("flag", "named"), [(".ok", "x.csv.ok"), (".ok", "x.ok"), ("_SUCCESS", "_SUCCESS"), ("*.end", "all.end")]
)
def test_a_file_waits_for_its_flag(puller: Any, flag: str, named: str) -> None:
    put(puller.workspace / "in/x.csv")
    ask = {"path": "in/*", "ready": {"flag": flag}}
    waiting = puller.one(**ask)
    assert (waiting.status, waiting.problem.code, waiting.landing) == ("waiting", "FILE_WAITS", ())
    assert waiting.problem.values["mark"] == flag
    put(puller.workspace / "in" / named, b"")
    taken = puller.one(**ask)
    assert (taken.name, taken.status, taken.proof) == ("x.csv", "received", "flag")


def test_the_flag_of_another_file_is_none(puller: Any) -> None:
    for name in ("x.csv", "y.csv", "y.csv.ok"):
        put(puller.workspace / name)
    receipts = puller(path="*.csv", ready={"flag": ".ok"})
    assert [each.status for each in receipts] == ["waiting", "received"]


def test_a_flag_that_does_not_come_in_time_is_a_fault(puller: Any) -> None:
    put(puller.workspace / "x.csv", age_s=7 * HOUR_S)
    late = puller.one(path="x.csv", ready={"flag": ".ok", "within": "6h"})
    assert (late.status, late.problem.code) == ("failed", "FLAG_LATE")
    assert puller.one(path="x.csv", ready={"flag": ".ok", "within": "8h"}).status == "waiting"


def test_the_flag_of_an_earlier_version_does_not_count(puller: Any) -> None:
    put(puller.workspace / "x.csv")
    put(puller.workspace / "x.csv.ok", age_s=HOUR_S)
    assert puller.one(path="x.csv", ready={"flag": ".ok"}).status == "waiting"
    put(puller.workspace / "x.csv.ok", age_s=5)
    assert puller.one(path="x.csv", ready={"flag": ".ok"}).status == "received"


def test_a_zip_waits_as_a_whole(puller: Any, zipped: Any) -> None:
    zipped(puller.workspace / "x.zip", {"a.csv": b"a", "b.csv": b"b"})
    ask = {"path": "x.zip", "member": "*.csv", "ready": {"flag": ".ok"}}
    assert (puller.one(**ask).status, puller.one(**ask).name) == ("waiting", "x.zip")
    put(puller.workspace / "x.ok", b"")
    assert [(each.status, each.proof) for each in puller(**ask)] == [("received", "flag")] * 2


def test_a_file_that_just_changed_is_left_alone(puller: Any) -> None:
    put(puller.workspace / "x.csv", age_s=5)
    fresh = puller.one(path="x.csv", quiet="1m")
    assert (fresh.status, fresh.problem.code) == ("waiting", "FILE_FRESH")
    put(puller.workspace / "x.csv", age_s=65)
    assert puller.one(path="x.csv", quiet="1m").status == "received"


@pytest.mark.parametrize("change", ["grows", "shrinks", "is replaced"])
def test_a_file_that_changes_while_it_is_read_is_incomplete(
    puller: Any, change: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = put(puller.workspace / "x.csv", BODY * 1_000_000, age_s=99)
    read = reading.FileReader.read

    def meanwhile(self: Any, size: int = -1) -> bytes:
        chunk = read(self, size)
        os.truncate(path, 3_000_000) if change == "shrinks" else None
        if change == "grows":
            with path.open("ab") as more:
                more.write(BODY * 1_000_000)
        elif change == "is replaced":
            os.utime(path)
        return chunk

    monkeypatch.setattr(reading.FileReader, "read", meanwhile)
    receipt = puller.one(path="x.csv")
    assert (receipt.status, receipt.problem.code) == ("incomplete", "FILE_GROWING")
    assert receipt.size_bytes == (3_000_000 if change == "shrinks" else 4_000_000)
    monkeypatch.undo()
    assert puller.one(path="x.csv").status == "received"


def digest(name: str, body: bytes = BODY) -> str:
    return hashlib.new(name, body).hexdigest()


LINES = {
    "bare": digest("md5"),
    "gnu": f"{digest('md5')}  x.csv\n",
    "gnu binary": f"{digest('md5').upper()} *out/x.csv\r\n",
    "bsd": f"MD5 (x.csv) = {digest('md5')}\n",
    "many": f"{digest('md5', b'other')}  y.csv\n{digest('md5')}  x.csv\n",
    "with a mark at its beginning": f"\ufeff{digest('md5')}",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_the_bytes_are_those_of_the_checksum(puller: Any, line: str) -> None:
    put(puller.workspace / "x.csv")
    put(puller.workspace / "x.csv.md5", line.encode())
    assert puller.one(path="*", checksum={"md5": ".md5"}).status == "received"


def test_one_list_of_checksums_may_stand_for_a_folder(puller: Any) -> None:
    put(puller.workspace / "in/x.csv")
    put(puller.workspace / "in/y.csv", b"b\n")
    told = f"{digest('sha256')}  x.csv\n{digest('sha256')}  y.csv\n"
    put(puller.workspace / "in/SHA256SUMS", told.encode())
    good, bad = puller(path="in/*", checksum={"sha256": "SHA256SUMS"})
    assert (good.status, bad.status, bad.problem.code) == ("received", "incomplete", "CHECKSUM_DIFFERS")


def test_other_bytes_than_the_checksum_says_are_kept_and_go_no_further(puller: Any) -> None:
    put(puller.workspace / "x.csv", b"a\n2\n")
    put(puller.workspace / "x.csv.md5", digest("md5").encode())
    receipt = puller.one(path="x.csv", checksum={"md5": ".md5"})
    assert (receipt.status, receipt.problem.code) == ("incomplete", "CHECKSUM_DIFFERS")
    told = (receipt.problem.values["declared"], receipt.problem.values["computed"])
    assert told == (digest("md5"), digest("md5", b"a\n2\n"))
    assert Path(receipt.landing[0]).read_bytes() == b"a\n2\n"


def test_a_checksum_that_is_missing_is_waited_for_and_one_without_a_digest_is_told(puller: Any) -> None:
    put(puller.workspace / "x.csv", age_s=2 * HOUR_S)
    assert puller.one(path="x.csv", checksum={"md5": ".md5"}).status == "waiting"
    assert puller.one(path="x.csv", checksum={"md5": ".md5", "within": "1h"}).problem.code == "FLAG_LATE"
    put(puller.workspace / "x.csv.md5", b"abc  x.csv")
    receipt = puller.one(path="x.csv", checksum={"md5": ".md5"})
    assert (receipt.status, receipt.problem.code) == ("failed", "CHECKSUM_UNREADABLE")


def test_a_zip_is_compared_before_its_members_are_read(puller: Any, zipped: Any) -> None:
    body = zipped(puller.workspace / "x.zip", {"a.csv": b"a"}).read_bytes()
    ask = {"path": "x.zip", "member": "*.csv", "checksum": {"md5": ".md5"}}
    put(puller.workspace / "x.zip.md5", digest("md5").encode())
    assert puller.one(**ask).problem.code == "CHECKSUM_DIFFERS"
    put(puller.workspace / "x.zip.md5", digest("md5", body).encode())
    assert puller.one(**ask).status == "received"
