"""A store that never answers, or breaks off, ends in an error within the stated time, never in fewer rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.lake.delta_table import delta_exists, open_delta, scan_lake_table
from citylake.pipelines.lake.lake_access import check_readable
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.words.errors import CitylakeError
from tests.object_store import BUCKET, misbehaving
from tests.thorough import THOROUGH

LIMIT_S = 0.5
ROWS = 50_000
EVER = 9999
LIST, LOG, DATA = "list-type", r"GET .*_delta_log/.*\.json", r"GET .*\.parquet"


@pytest.fixture(scope="module")
def lake(store: str) -> Iterator[Lake]:
    """A lake with one table, whose requests may take half a second."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CITYLAKE_STORE_TIMEOUT_S", str(LIMIT_S))
        environment.setenv("POLARS_CLOUD_RETRY_TIMEOUT_MS", "500")
        lake = Lake(f"{BUCKET}/faults")
        assert lake.storage_options
        pl.DataFrame({"a": range(ROWS)}).write_delta(lake.standard("d.x"), storage_options=lake.storage_options)
        yield lake


@pytest.fixture
def impatient(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """The same lake with the shortest limit, for tests that wait for it several times and in which no answer comes."""
    monkeypatch.setenv("CITYLAKE_STORE_TIMEOUT_S", "0.1")
    return Lake(lake.url)


def count(lake: Lake) -> int:
    rows = scan_lake_table(lake, lake.standard("d.x"))
    return -1 if rows is None else int(rows.select(pl.col("a").sum()).collect().item())


def version(lake: Lake) -> int:
    table = open_delta(lake, lake.standard("d.x"))
    table.update_incremental()
    return table.version()


READS: list[tuple[Callable[[Lake], Any], str, Any]] = [
    (count, DATA, ROWS * (ROWS - 1) // 2),
    (version, LOG, 0),
    (version, LIST, 0),
    (lambda lake: delta_exists(lake, lake.standard("d.x")), LIST, True),
    (lambda lake: len(lake.fs.ls(lake.standard("d.x"))), LIST, 2),
    (lambda lake: lake.fs.cat_file(f"{lake.standard('d.x')}/_delta_log/{0:020}.json")[:1], LOG, b"{"),
]
NAMES = ["rows", "log", "listed log", "whether a table is there", "fsspec list", "fsspec read"]
HOW = ("silent", "cut", "stall")
BROKEN = [
    pytest.param(how, *read, id=f"{how}-{name}")
    for at, (read, name) in enumerate(zip(READS, NAMES, strict=True))
    for turn, how in enumerate(HOW)
    # In a usual run each read breaks in two of the ways, in turn.
    if THOROUGH or turn != (at + 2) % len(HOW)
]


@pytest.mark.parametrize(("how", "read", "match", "expected"), BROKEN)
def test_one_request_without_a_whole_answer_is_made_again(
    lake: Lake, store: str, how: Any, read: Callable[[Lake], Any], match: str, expected: Any
) -> None:
    with misbehaving(store, how, match):
        assert read(lake) == expected


@pytest.mark.parametrize(("read", "match"), [each[:2] for each in READS], ids=NAMES)
def test_a_store_that_never_answers_is_an_error_in_time(
    impatient: Lake, store: str, read: Callable[[Lake], Any], match: str
) -> None:
    began = time.monotonic()
    with misbehaving(store, "silent", match, EVER), pytest.raises(Exception, match=r"(?i)time|Generic S3 error"):
        read(impatient)
    assert time.monotonic() - began < 40


@pytest.mark.parametrize("how", ["silent", "cut"])
def test_a_lake_whose_store_never_answers_is_told(impatient: Lake, store: str, how: Any) -> None:
    with misbehaving(store, how, LIST, EVER), pytest.raises(CitylakeError) as caught:
        check_readable(impatient)
    assert caught.value.code == "LAKE_UNREACHABLE"


def test_rows_that_break_off_again_and_again_are_an_error_and_not_fewer_rows(lake: Lake, store: str) -> None:
    with misbehaving(store, "cut", DATA, EVER), pytest.raises(OSError, match="object-store error"):
        count(lake)
