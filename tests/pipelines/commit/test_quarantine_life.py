"""A refused row is in the quarantine once, however often its bytes are read again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citylake.pipelines.commit import delta_transaction, quarantine_commit
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.quarantine_life import LIFE_SCHEMA
from citylake.pipelines.records import ConformedBatch, Receipt
from tests.pipelines.commit.conftest import DATASET, QUARANTINE
from tests.thorough import examples

START = datetime(2026, 3, 1, tzinfo=UTC)
COLUMNS = ["observed_at", "station"]
WRITE = {"mode": "append"}
Reading = tuple[bool, frozenset[int]]
"""Whether the bytes were received again, and the rows that are refused."""


def stage(
    city: Any, number: int, refused: Sequence[tuple[str, int]], receipt: str, part: str = "", **more: Any
) -> ConformedBatch:
    """The batch of the reading ``number`` of ``receipt``; ``refused``: state and row."""
    staged: ConformedBatch = city.stage({receipt: []}, columns=COLUMNS, fingerprint=str(number))
    staged = replace(staged, receipts=(receipt,), **more)
    why = {"codes": ["CODE_UNKNOWN"], "reasons": [], "key": None, "raw": "{}", "_source": "a.csv", "_part": part}
    place = {"_batch": staged.batch, "_receipt": receipt, "quarantined_at": START + timedelta(hours=number)}
    rows = [{**why, **place, "_row": row, "state": state} for state, row in refused]
    if not rows:
        return staged
    file = city._write(pl.DataFrame(rows, schema=QUARANTINE), city.lake.quarantine(DATASET), staged.batch)
    return replace(staged, quarantine=(file,))


def commit(city: Any, *staged: ConformedBatch) -> None:
    for each in staged:
        city.commit(city.contract(**WRITE), each)


def stored(city: Any) -> dict[int, dict[str, Any]]:
    """The rows of the table by their number; each number must be there once."""
    rows = city.quarantine().to_dicts()
    found = {row["_row"]: row for row in rows}
    assert len(found) == len(rows)
    return found


def expected(readings: Sequence[Reading], receipts: Sequence[str], row: int) -> dict[str, Any]:
    seen = [number for number, (_, refused) in enumerate(readings) if row in refused]
    is_open = seen[-1] == len(readings) - 1
    return {
        "state": "open" if is_open else "returned",
        "first_receipt": receipts[seen[0]],
        "first_seen_at": START + timedelta(hours=seen[0]),
        "times_seen": len(seen),
        "closed": None if is_open else seen[-1] + 1,
        "_receipt": receipts[seen[-1]],
    }


def observed(row: dict[str, Any], batches: Sequence[str]) -> dict[str, Any]:
    closed = row["closed_by_batch"]
    assert (closed is None) == (row["closed_at"] is None)
    return {
        "state": row["state"],
        "first_receipt": row["first_receipt"] or row["_receipt"],
        "first_seen_at": row["first_seen_at"] or row["quarantined_at"],
        "times_seen": row["times_seen"] or 1,
        "closed": None if closed is None else batches.index(closed),
        "_receipt": row["_receipt"],
    }


@settings(max_examples=examples(8, 15), suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    readings=st.lists(st.tuples(st.booleans(), st.frozensets(st.integers(1, 4))), min_size=1, max_size=5),
    buckets=st.sampled_from([1_000_000, 1]),
)
def test_each_row_is_open_or_returned_once_and_remembers_its_first_refusal(
    new_city: Callable[[], Any], readings: list[Reading], buckets: int
) -> None:
    city, receipts, batches = new_city(), ["r0"], []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(quarantine_commit, "ROWS_AT_ONCE", buckets)
        for number, (again, refused) in enumerate(readings):
            receipts += [f"r{number}" if again else receipts[-1]] if number else []
            earlier = tuple(sorted({*receipts} - {receipts[-1]}))
            more: dict[str, Any] = {"earlier": earlier, "arrivals": dict.fromkeys((*earlier[1:], receipts[-1]), "r0")}
            staged = stage(city, number, [("open", row) for row in refused], receipts[-1], **more)
            commit(city, staged, staged)
            batches.append(staged.batch)
    ever = {row for _, refused in readings for row in refused}
    if not ever:
        assert not city.lake.fs.exists(city.lake.quarantine(DATASET) + "/_delta_log")
        return
    found = stored(city)
    assert found.keys() == ever
    assert {row: observed(each, batches) for row, each in found.items()} == {
        row: expected(readings, receipts, row) for row in ever
    }


def test_bytes_that_return_after_others_have_the_rows_of_their_first_receipt(city: Any) -> None:
    """The ledger of arrivals counts them as new; their rows are the same."""
    ledger = Ledger(city.lake)
    for receipt, sha256 in (("r1", "x"), ("r2", "y"), ("r3", "x")):
        found = Receipt(receipt, "run", DATASET, "a.csv", "a.csv", "received", START, START, sha256)
        ledger.add_receipts([found])
    ledger.flush()
    commit(city, stage(city, 1, [("open", 5)], "r1"), stage(city, 2, [], "r2"))
    commit(city, stage(city, 3, [("open", 5)], "r3", earlier=("r1",)))
    row = stored(city)[5]
    assert (row["first_receipt"], row["_receipt"], row["times_seen"], row["state"]) == ("r1", "r3", 2, "open")


def test_rows_of_another_version_of_the_file_are_superseded(city: Any) -> None:
    commit(city, stage(city, 1, [("open", 1), ("open", 2)], "r1"))
    newer = stage(city, 2, [("open", 9)], "r2", versions=(("r1", "r2"),))
    commit(city, newer)
    rows = stored(city)
    assert {number: row["state"] for number, row in rows.items()} == {1: "superseded", 2: "superseded", 9: "open"}
    assert {rows[1]["closed_by_batch"], rows[9]["closed_by_batch"]} == {newer.batch, None}
    assert (rows[9]["times_seen"], rows[9]["first_receipt"]) == (None, None)


def test_rows_of_a_held_batch_leave_once_their_receipts_are_committed(city: Any) -> None:
    held = stage(city, 1, [("held", 1), ("held", 2)], "r1")
    commit(city, held, stage(city, 2, [("open", 2)], "r1"))
    rows = stored(city)
    assert {number: (row["state"], row["times_seen"]) for number, row in rows.items()} == {2: ("open", None)}


def test_cells_of_one_source_row_are_rows_of_their_own(city: Any) -> None:
    commit(city, stage(city, 1, [("open", 1)], "r1", part="PM10"), stage(city, 2, [("open", 1)], "r1", part="CO"))
    parts = dict(city.quarantine().select("_part", "state").iter_rows())
    assert parts == {"PM10": "returned", "CO": "open"}


def test_a_first_reading_is_committed_in_the_files_that_were_staged(city: Any) -> None:
    """Reading again is rare: a batch of new receipts writes nothing twice."""
    commit(city, stage(city, 1, [("open", 1)], "r1"))
    before = set(city.lake.fs.find(city.lake.quarantine(DATASET)))
    staged = stage(city, 2, [("open", 1)], "r2")
    commit(city, staged)
    news = set(city.lake.fs.find(city.lake.quarantine(DATASET))) - before
    assert {path for path in news if path.endswith(".parquet")} == set(staged.quarantine)


def test_a_table_of_an_older_version_takes_the_next_reading(city: Any) -> None:
    old = stage(city, 1, [("open", 1), ("open", 2)], "r1")
    pl.read_parquet(old.quarantine[0]).write_delta(city.lake.quarantine(DATASET))
    assert not set(LIFE_SCHEMA) & set(city.quarantine().columns)
    commit(city, stage(city, 2, [("open", 2)], "r1"))
    rows = stored(city)
    assert {number: row["state"] for number, row in rows.items()} == {1: "returned", 2: "open"}
    assert (rows[2]["first_seen_at"], rows[2]["times_seen"]) == (START + timedelta(hours=1), 2)


@pytest.mark.parametrize("dies", ["before", "after"])
def test_a_commit_that_was_killed_beside_its_transaction_is_completed_once(
    city: Any, monkeypatch: pytest.MonkeyPatch, dies: str
) -> None:
    commit(city, stage(city, 1, [("open", 1), ("open", 2)], "r1"))
    real = delta_transaction._write_commit

    def write(*arguments: Any, **options: Any) -> None:
        if dies == "after":
            real(*arguments, **options)
        raise KeyboardInterrupt

    staged = stage(city, 2, [("open", 2)], "r1")
    with monkeypatch.context() as patch:
        patch.setattr(delta_transaction, "_write_commit", write)
        with pytest.raises(KeyboardInterrupt):
            quarantine_commit.commit_quarantine(staged, city.lake)
    commit(city, staged)
    rows = stored(city)
    assert {number: (row["state"], row["times_seen"] or 1) for number, row in rows.items()} == {
        1: ("returned", 1),
        2: ("open", 2),
    }
