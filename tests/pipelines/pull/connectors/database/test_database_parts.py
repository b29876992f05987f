"""What a database sends becomes files with every row once, and a fingerprint of exactly those rows."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.pull.connector_api import FetchProgress, LandedPart
from citylake.pipelines.pull.connectors.database.parquet_parts import write_parquet_parts
from citylake.pipelines.pull.connectors.database.rows_fingerprint import RowsFingerprint
from citylake.schemas.words.errors import CitylakeError
from tests.thorough import examples

BATCHES = st.lists(st.lists(st.integers(0, 9), max_size=12), min_size=1, max_size=5)
OFTEN = settings(max_examples=examples(20, 60), deadline=None)


def batch(values: list[int]) -> pa.RecordBatch:
    return pa.RecordBatch.from_pydict({"a": pa.array(values, pa.int64()), "b": pa.array(map(str, values), pa.string())})


def files(batches: list[list[int]], rows_per_file: int, tally: FetchProgress) -> list[list[int]]:
    parts = write_parquet_parts(map(batch, batches), rows_per_file, tally)
    return [pq.read_table(io.BytesIO(b"".join(part.chunks)))["a"].to_pylist() for part in parts]


@OFTEN
@given(BATCHES, st.integers(1, 8))
def test_every_row_lands_once_in_order_and_files_are_full_but_for_the_last(
    batches: list[list[int]], rows_per_file: int
) -> None:
    tally = FetchProgress()
    found = files(batches, rows_per_file, tally)
    rows = [value for values in batches for value in values]
    assert [value for file in found for value in file] == rows
    assert tally.stored == len(rows)
    assert all(len(file) == rows_per_file for file in found[:-1])
    assert found


def broken(batches: list[list[int]]) -> Iterator[pa.RecordBatch]:
    yield from map(batch, batches)
    raise CitylakeError("DATABASE_BROKE_OFF")


def rows_into(rows: list[int], parts: Iterator[LandedPart]) -> None:
    for part in parts:
        rows += [pq.read_table(io.BytesIO(b"".join(part.chunks))).num_rows]


@OFTEN
@given(BATCHES, st.integers(1, 8))
def test_what_came_before_a_fault_lands_and_the_fault_is_raised(batches: list[list[int]], rows_per_file: int) -> None:
    tally, rows = FetchProgress(), list[int]()
    with pytest.raises(CitylakeError):
        rows_into(rows, write_parquet_parts(broken(batches), rows_per_file, tally))
    assert sum(rows) == tally.stored == sum(map(len, batches))


def fingerprint(batches: list[list[int]]) -> tuple[int, str]:
    found = RowsFingerprint()
    for _ in found.over(map(batch, batches)):
        pass
    return found.rows, found.text


@OFTEN
@given(BATCHES, st.randoms(use_true_random=False))
def test_the_same_rows_have_the_same_fingerprint_in_any_order_and_batches(
    batches: list[list[int]], chance: Random
) -> None:
    rows = [value for values in batches for value in values]
    shuffled = chance.sample(rows, len(rows))
    assert fingerprint([shuffled]) == fingerprint(batches)


@OFTEN
@given(st.lists(st.integers(0, 9), min_size=1), st.data())
def test_other_rows_have_another_fingerprint(rows: list[int], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(rows) - 1))
    changed = [*rows[:place], rows[place] + 1, *rows[place + 1 :]]
    assert fingerprint([changed]) != fingerprint([rows])


ELSEWHERE = """
from tests.pipelines.pull.connectors.database.test_database_parts import fingerprint
print(fingerprint([[1, 2, 3]])[1])
"""


def test_another_process_finds_the_same_fingerprint(root: Path) -> None:
    environment = {**os.environ, "PYTHONHASHSEED": "1", "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], cwd=root, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == fingerprint([[1, 2, 3]])[1]
