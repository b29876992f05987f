"""The quick answer is never that nothing waits while something does, and it costs one reading for all datasets."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.ledger.held_records import _last_words, _records, undecided_batches
from citylake.pipelines.lake.ledger.ledger_store import LedgerStore
from citylake.pipelines.lake.ledger.ledger_table import LedgerTable

DATASET = "air.hourly"
_DAY = 24 * 3600 * 1_000_000
RECEIPTS = {f"r{number}": f"bytes{number // 2}" for number in range(6)}
"""By id the bytes: each came twice."""
RECORDS = st.lists(
    st.tuples(
        st.sampled_from(["held", "rejected", "committed", "unchanged", "failed"]),
        st.lists(st.sampled_from(sorted(RECEIPTS)), min_size=1, max_size=3, unique=True),
        st.booleans(),
    ),
    max_size=12,
)


def _ledger(root: str, records: list[tuple[str, list[str], bool]]) -> Ledger:
    ledger = Ledger(Lake(root))
    same = {"dataset": DATASET, "name": "a.csv", "source": "/in/a.csv", "status": "received"}
    _store(ledger).add("receipts", [{**same, "id": id_, "sha256": sha} for id_, sha in RECEIPTS.items()])
    rows = [_batch(status, ids, f"b{sorted(ids)}", ["b0"] if replay else []) for status, ids, replay in records]
    _store(ledger).add("batches", rows)
    return ledger


def _batch(status: str, ids: list[str], batch: str, supersedes: list[str]) -> dict[str, Any]:
    return {"dataset": DATASET, "status": status, "batch": batch, "receipts": ids, "supersedes": supersedes}


def _store(ledger: Ledger) -> LedgerStore:
    return ledger._store


@settings(deadline=None, max_examples=60)
@given(RECORDS)
def test_a_dataset_with_bytes_that_wait_is_never_passed_over(records: list[tuple[str, list[str], bool]]) -> None:
    with TemporaryDirectory() as root:
        ledger = _ledger(root, records)
        words = _last_words(ledger, DATASET, _records(ledger, DATASET), by_name=False)
        waits = bool(set(words["decision"]) & {"held", "rejected"})
        found = ledger.undecided.of(DATASET)
        assert found.undecided or not waits
        assert not (found.settled and found.undecided)


@pytest.mark.parametrize(("later", "settled"), [(_DAY // 2, False), (_DAY + 1, True)])
def test_a_decision_is_settled_after_a_run_that_must_have_begun_later(
    tmp_path: Path, later: int, *, settled: bool
) -> None:
    ledger = _ledger(str(tmp_path), [("held", ["r0"], False), ("committed", ["r0"], False)])
    assert not ledger.undecided.of(DATASET).settled
    decided = max(row["sequence"] for row in _store(ledger)._buffered["batches"][DATASET])
    _store(ledger)._buffered["batches"][DATASET].append(
        {**_batch("unchanged", ["r0"], "", []), "batch": None, "sequence": decided + later}
    )
    assert ledger.undecided.of(DATASET).settled is settled


def test_a_question_about_each_of_many_datasets_reads_the_ledger_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"air.d{number}" for number in range(30)]
    writer = Ledger(Lake(str(tmp_path)))
    both = [("held", "b1"), ("committed", "b1")]
    rows = [{**_batch(status, ["r0"], batch, []), "dataset": name} for name in names for status, batch in both]
    _store(writer).add("batches", rows)
    writer.flush()
    read: list[int] = []
    original = LedgerTable._parts_of

    def counted(self: LedgerTable, files: Any, *asked: Any) -> Any:
        read.append(len(files))
        return original(self, files, *asked)

    monkeypatch.setattr(LedgerTable, "_parts_of", counted)
    ledger = Ledger(Lake(str(tmp_path)))
    assert not any(undecided_batches(ledger, name) for name in names)
    assert read == [1]
