"""Rows that change to another reader by themselves: the reader of the blocks starts over, and gets the same rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.blocks.source_rows import SourceRestartedError, SourceRows, load_block, pack_blocks
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse.parse_receipt import open_receipts
from citylake.pipelines.parse.recorded_rows import open_parsed
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract

NOW = datetime(2026, 3, 1, tzinfo=UTC)
PLAIN = b"a,b\n" + b"1,2\n" * 200
MULTI_LINE = PLAIN + b'"x\ny",3\n'
TOO_WIDE = PLAIN + b"1,2,3\n" * 201
ONE_TOO_WIDE = PLAIN + b"1,2,3\n" + b"4,5\n"
LATE_GB18030 = b"a,b\n" + b"1,2\n" * 70_000 + "数据,3\n".encode("gb18030")
"""What is not UTF-8 lies beyond the part of the file that the encoding is guessed from."""


@dataclass(frozen=True)
class Small(Budget):
    """Blocks of a few lines."""

    size: int = 100

    @property
    def block_bytes(self) -> int:
        return self.size

    @property
    def block_rows(self) -> int:
        return 50


@pytest.fixture
def contract() -> Contract:
    return Contract.model_validate(
        {
            "dataset": "test.data",
            "title": {"zh": "试", "en": "test"},
            "owner": {"department": "test"},
            "source": {"connector": "files", "path": "x", "format": "csv"},
            "fields": {"a": {"element": "test.a"}},
            "write": {"mode": "append"},
        }
    )


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(str(tmp_path / "lake"))


def landed(folder: Path, *bodies: bytes) -> list[Receipt]:
    receipts = []
    for number, body in enumerate(bodies):
        path = folder / f"{number}.csv"
        path.write_bytes(body)
        name = path.name
        receipts.append(
            Receipt(f"r{number}", "run", "test.data", name, name, "received", NOW, NOW, landing=(str(path),))
        )
    return receipts


def read_all(sources: Sequence[SourceRows]) -> tuple[list[tuple[Any, ...]], int]:
    """Every row as conform reads it, with the number of times that it had to start over."""
    for restarts in range(10):
        rows: list[tuple[Any, ...]] = []
        try:
            readable = [source for source in sources if source.problem is None]
            parts = (part for source in readable for part in source.blocks())
            for packed in pack_blocks(parts):
                block = load_block(packed)
                block.row = block.numbers()
                rows += pl.DataFrame(block.texts(block.row * 0 + range(block.rows))).rows()
        except SourceRestartedError:
            for source in sources:
                source.restart()
        else:
            return rows, restarts
    raise AssertionError


def stored_rows(lake: Lake, sources: Sequence[SourceRows], folder: Path) -> list[tuple[Any, ...]]:
    """The rows as a later step reads them, by what is in the raw zone."""
    folder.mkdir(exist_ok=True)
    again = open_parsed([source.store() for source in sources], lake, Budget(), lambda: folder)
    return read_all(again)[0]


@pytest.mark.parametrize("others", [0, 1, 3])
@pytest.mark.parametrize("odd", [MULTI_LINE, LATE_GB18030])
def test_a_file_that_is_not_plain_near_its_end_gives_the_general_readers_rows(
    tmp_path: Path, lake: Lake, contract: Contract, odd: bytes, others: int
) -> None:
    receipts = landed(tmp_path, *[PLAIN] * others, odd)
    budget = Small(memory=10**9, cores=2, size=len(odd) // 8)
    sources = open_receipts(receipts, contract, lake, tmp_path, budget)
    rows, restarts = read_all(sources)
    assert restarts == 1
    assert [source.store().rows for source in sources] == [200] * others + [odd.count(b"\n") - 1 - odd.count(b'"') // 2]
    assert rows == stored_rows(lake, sources, tmp_path / "again")
    other = Lake(str(tmp_path / "other"))
    unread = open_receipts(receipts, contract, other, tmp_path, budget)
    assert rows == stored_rows(other, unread, tmp_path / "other-again")


def test_all_files_that_are_not_plain_are_found_at_the_first_restart(
    tmp_path: Path, lake: Lake, contract: Contract
) -> None:
    receipts = landed(tmp_path, PLAIN, MULTI_LINE, PLAIN, MULTI_LINE, LATE_GB18030)
    budget = Small(memory=10**9, cores=2, size=20_000)
    sources = open_receipts(receipts, contract, lake, tmp_path, budget)
    rows, restarts = read_all(sources)
    assert (len(rows), restarts) == (200 + 201 + 200 + 201 + 70_001, 1)


def test_a_file_that_no_reader_can_read_has_a_problem_and_nothing_in_the_raw_zone(
    tmp_path: Path, lake: Lake, contract: Contract
) -> None:
    receipts = landed(tmp_path, PLAIN, TOO_WIDE)
    sources = open_receipts(receipts, contract, lake, tmp_path, Small(memory=10**9, cores=1))
    assert [source.problem for source in sources] == [None, None]
    rows, _ = read_all(sources)
    assert [source.problem and source.problem.code for source in sources] == [None, "ROW_WIDTH"]
    assert {row[2] for row in rows} == {"r0"}
    assert not Path(lake.raw("test.data", "r1")).exists()
    assert sources[1].store().rows == 0


def test_a_bad_row_leaves_the_block_reader_and_is_refused_alone(tmp_path: Path, lake: Lake, contract: Contract) -> None:
    receipts = landed(tmp_path, PLAIN, ONE_TOO_WIDE)
    sources = open_receipts(receipts, contract, lake, tmp_path, Small(memory=10**9, cores=1))
    assert [source.refused.rows for source in sources] == [0, 0]
    rows, restarts = read_all(sources)
    assert (len(rows), restarts) == (200 + 201, 1)
    assert [source.refused.rows for source in sources] == [0, 1]
    (bad,) = pl.read_parquet(list(sources[1].refused.files)).to_dicts()
    assert (bad["_receipt"], bad["_row"], bad["text"], bad["code"]) == ("r1", 202, "1,2,3", "ROW_WIDTH")


def test_rows_that_were_read_in_part_are_stored_from_the_start(tmp_path: Path, lake: Lake, contract: Contract) -> None:
    receipts = landed(tmp_path, PLAIN)
    (source,) = open_receipts(receipts, contract, lake, tmp_path, Small(memory=10**9, cores=1))
    load_block(next(iter(pack_blocks(source.blocks()))))
    assert source.store().rows == 200
    assert [row[-1] for row in stored_rows(lake, [source], tmp_path / "again")] == list(range(2, 202))


@pytest.mark.parametrize("when", ["opened", "read"])
@pytest.mark.parametrize("more", [b"3,4\n" * 500, b"3,4"])
def test_what_is_appended_to_a_landed_file_after_it_was_opened_is_not_part_of_the_receipt(
    tmp_path: Path, lake: Lake, contract: Contract, when: str, more: bytes
) -> None:
    receipts = landed(tmp_path, PLAIN.removesuffix(b"\n"))
    (source,) = sources = open_receipts(receipts, contract, lake, tmp_path, Small(memory=10**9, cores=1))
    if when == "read":
        read_all(sources)
    with Path(receipts[0].landing[0]).open("ab") as file:
        file.write(b"\n" + more)
    rows, restarts = read_all(sources)
    assert (len(rows), restarts, source.store().rows) == (200, 0, 200)
    assert stored_rows(lake, sources, tmp_path / "again") == rows


def test_a_file_that_shrank_after_it_was_read_by_blocks_is_not_read_again_to_be_stored(
    tmp_path: Path, lake: Lake, contract: Contract
) -> None:
    receipts = landed(tmp_path, PLAIN)
    (source,) = sources = open_receipts(receipts, contract, lake, tmp_path, Small(memory=10**9, cores=1))
    assert len(read_all(sources)[0]) == 200
    Path(receipts[0].landing[0]).write_bytes(PLAIN[:100])
    assert source.store().rows == 200


def test_small_files_of_one_layout_share_a_block(tmp_path: Path, lake: Lake, contract: Contract) -> None:
    receipts = landed(tmp_path, *[b"a,b\n1,2\n"] * 5, b"b,a\n1,2\n")
    sources = open_receipts(receipts, contract, lake, tmp_path, Budget())
    packed = list(pack_blocks(part for source in sources for part in source.blocks()))
    assert [len(parts) for parts in packed] == [5, 1]
    stored = [replace(receipt, id=f"s{receipt.id}") for receipt in receipts]
    again = open_receipts(stored, contract, lake, tmp_path, Budget())
    for source in again:
        source.store()
    assert read_all(sources)[0] == [(*row[:2], row[2].removeprefix("s"), *row[3:]) for row in read_all(again)[0]]
