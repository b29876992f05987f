"""Compressed files are recognised by their first bytes, whatever their name, and bounded once unpacked."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from citylake.pipelines.parse.compressed_file import unpack_head

BODY = b"id,name\n" + b"".join(b"%d,x%d\n" % (number, number % 97) for number in range(5000))
Packer = Callable[[bytes], bytes]
PACKERS: dict[str, Packer] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zstd": lambda body: pa.Codec("zstd").compress(body, asbytes=True),
}


@pytest.fixture(params=list(PACKERS))
def packer(request: pytest.FixtureRequest) -> Packer:
    return PACKERS[request.param]


def test_a_packed_csv_is_read_as_the_plain_one(parser: Any, packer: Packer) -> None:
    outcome = parser(packer(BODY), name="data.csv")
    assert (outcome.rows, outcome.reader) == (parser(BODY).rows, "blocks")
    assert parser(packer(BODY), format={"type": "csv", "comment": "#"}).parsed.rows == 5000


def test_members_of_a_packed_file_are_read_one_after_another(parser: Any, packer: Packer) -> None:
    start, end = BODY[:8000], BODY[8000:]
    assert parser(packer(start) + packer(end)).parsed.rows == 5000


def test_packed_json_is_read(parser: Any, packer: Packer) -> None:
    assert parser(packer(b'[{"a": 1}, {"a": 2}]'), format="json", name="x").rows == [("1",), ("2",)]


@pytest.mark.parametrize("format", ["csv", "json"])
def test_a_damaged_packed_file_is_refused_by_name(parser: Any, packer: Packer, format: str) -> None:  # noqa: A002
    for body in (packer(BODY)[:-9], packer(BODY)[:40]):
        problem = parser(body, format=format).parsed.problem
        assert (problem.code, problem.values["file"]) == ("COMPRESSED_BROKEN", "in/data.csv")


def test_more_than_the_limit_is_never_unpacked(parser: Any, packer: Packer) -> None:
    bomb = packer(b"a,b\n" + bytes(30_000_000))
    problem = parser(bomb, max_bytes=1_000_000).parsed.problem
    assert (problem.code, problem.values["limit"]) == ("COMPRESSED_TOO_LARGE", 1_000_000)


def test_an_archive_within_is_named(parser: Any, packer: Packer) -> None:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        info = tarfile.TarInfo("a.csv")
        info.size = len(BODY)
        tar.addfile(info, io.BytesIO(BODY))
    problem = parser(packer(archive.getvalue())).parsed.problem
    assert (problem.code, problem.values["found"]) == ("FILE_IS_OTHER", "tar")
    twice = parser(gzip.compress(packer(BODY))).parsed.problem
    assert twice.code == "FILE_IS_OTHER"


def test_text_that_only_begins_like_a_packed_file_is_text(parser: Any) -> None:
    assert parser(b"BZh,name\n1,a\n").rows == [("1", "a")]


def test_the_head_of_a_packed_file_shows_its_content(packer: Packer) -> None:
    assert unpack_head(packer(BODY * 50)[:-9]).startswith(BODY[:200])
    assert unpack_head(BODY) == BODY
