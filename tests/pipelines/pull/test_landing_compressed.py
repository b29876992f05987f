"""Landed files that the lake stores compressed: the received bytes, their size and their SHA-256 stay the same."""

from __future__ import annotations

import errno
import gzip
import hashlib
import json
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.landed_file import STORED_SUFFIX, is_stored_compressed, open_landed
from citylake.pipelines.pull.connector_api import LandedPart
from citylake.pipelines.pull.landing_names import landing_name
from citylake.pipelines.pull.landing_writer import LandingWriter
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.pull.test_resume import Table, broken_off, pulled, table

__all__ = ["table"]

HELD = 64
PLAIN = b"time,value\n" + b"2026-03-01,1\n" * 400


def packed(body: bytes) -> bytes:
    out = pa.BufferOutputStream()
    with pa.CompressedOutputStream(out, "zstd") as stream:
        stream.write(body)
    return bytes(out.getvalue().to_pybytes())


def received(lake: Lake, path: str) -> bytes:
    with open_landed(lake, path) as stream:
        return b"".join(iter(lambda: stream.read(1 << 16), b""))


@given(st.lists(st.lists(st.binary(max_size=HELD) | st.just(PLAIN), max_size=3), max_size=6))
def test_readers_get_the_received_bytes_and_the_digest_is_theirs(parts: list[list[bytes]]) -> None:
    with TemporaryDirectory() as folder:
        lake = Lake(folder)
        landing = LandingWriter(lake, lambda: f"{folder}/receipt", compress=True, _room=HELD)
        landing.take(LandedPart(f"{number}.csv", iter(chunks)) for number, chunks in enumerate(parts))
        landing.keep()
        whole = [b"".join(chunks) for chunks in parts]
        assert [received(lake, path) for path in landing.paths] == whole
        assert (landing.size, landing.digest.hexdigest()) == (
            sum(map(len, whole)),
            hashlib.sha256(b"".join(whole)).hexdigest(),
        )


def test_text_is_stored_smaller_and_a_compressed_file_as_it_is(puller: Any) -> None:
    puller.compress = True
    bodies = {
        "a.csv": PLAIN,
        "b.csv.gz": gzip.compress(PLAIN),
        "c.csv.zst": packed(PLAIN),
        "d.landed.zst": packed(PLAIN * 2),
    }
    for name, body in bodies.items():
        (puller.workspace / name).write_bytes(body)
    found = {receipt.name: receipt for receipt in puller("files", path="*.*")}
    stored = {name: Path(receipt.landing[0]) for name, receipt in found.items()}
    assert [stored[name].name for name in bodies] == [f"a.csv{STORED_SUFFIX}", "b.csv.gz", "c.csv.zst", "d.landed_.zst"]
    assert stored["a.csv"].stat().st_size < len(PLAIN) / 10
    for name, body in bodies.items():
        assert received(puller.lake, str(stored[name])) == body
        assert (found[name].size_bytes, found[name].sha256) == (len(body), hashlib.sha256(body).hexdigest())


@given(st.text("ab.%", max_size=6), st.sampled_from([STORED_SUFFIX, ".LANDED.zst", ".landed.zst ", ".landed.zst."]))
def test_no_received_name_ends_as_a_stored_one(stem: str, ending: str) -> None:
    assert not is_stored_compressed(landing_name(stem + ending).casefold())


@pytest.mark.parametrize("before", [False, True])
def test_a_pull_goes_on_whichever_way_its_first_pages_are_stored(
    puller: Any, city: Any, table: Table, before: bool
) -> None:
    puller.compress = before
    broken_off(puller, city, table)
    puller.compress = not before
    receipt, pages = pulled(puller, city)
    bodies = [received(puller.lake, path) for path in receipt.landing]
    assert [row for body in bodies for row in json.loads(body)["rows"]] == table.rows
    assert (receipt.status, pages) == ("received", ["2", "3", "4"])
    assert {is_stored_compressed(path) for path in receipt.landing} == {not before}
    assert (receipt.size_bytes, receipt.sha256) == (
        sum(map(len, bodies)),
        hashlib.sha256(b"".join(bodies)).hexdigest(),
    )


def test_damaged_pages_of_an_unfinished_pull_are_told_and_it_begins_anew(puller: Any, city: Any, table: Table) -> None:
    puller.compress = True
    first = broken_off(puller, city, table)
    Path(first.landing[-1]).write_bytes(Path(first.landing[-1]).read_bytes()[:-3])
    receipt, _ = pulled(puller, city)
    assert (receipt.status, receipt.problem.code) == ("incomplete", "LANDING_LOST")
    assert pulled(puller, city)[0].status == "received"


def test_a_full_disk_is_told_also_by_the_last_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(str(tmp_path))
    real = lake.fs.open

    class Full:
        def __init__(self, file: Any) -> None:
            self.file, self.closed = file, False

        def __enter__(self) -> Full:
            return self

        def __exit__(self, *_: object) -> None:
            self.close()

        def write(self, _: bytes) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

        def close(self) -> None:
            self.closed = True
            self.file.close()

    monkeypatch.setattr(lake.fs, "open", lambda path, mode: Full(real(path, mode)))
    landing = LandingWriter(lake, lambda: f"{tmp_path}/receipt", compress=True, _room=0)
    with pytest.raises(CitylakeError) as error:
        landing.take(iter([LandedPart("a.csv", iter([PLAIN]))]))
    assert error.value.problem.code == "LANDING_UNWRITABLE"
    assert "No space left" in str(error.value.problem.values["reason"])
    assert not list(tmp_path.rglob("*.partial"))
