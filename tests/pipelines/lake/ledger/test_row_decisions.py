"""Which decisions are in force for which receipts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.ledger.row_decisions import RowDecisions, load_decisions
from citylake.pipelines.records import Receipt
from tests.decided import correct_rows, correct_value, decide_rows

NOW = datetime(2026, 3, 1, tzinfo=UTC)
DATASET = "t.x"
FIRST = Receipt("r1", "run", DATASET, "s/a.csv", "a.csv", "received", NOW, NOW, sha256="1")
AGAIN, OTHER = replace(FIRST, id="r2"), replace(FIRST, id="r3", sha256="2")


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    """The same bytes twice, and others between them."""
    made = Ledger(Lake(str(tmp_path)))
    made.add_receipts([FIRST, OTHER, AGAIN])
    made.flush()
    return made


def loaded(ledger: Ledger, *receipts: str) -> RowDecisions:
    found = load_decisions(ledger, DATASET, receipts)
    assert found is not None
    return found


def test_a_dataset_without_decisions_has_none(ledger: Ledger) -> None:
    correct_value(ledger, "t.other", "a", "v", "x", "1")
    assert load_decisions(ledger, DATASET, ["r1"]) is None


def test_receipts_of_the_same_bytes_share_their_decisions_whichever_is_named(ledger: Ledger) -> None:
    correct_rows(ledger, DATASET, "a", [(("r1", "", 4), "v", "x", "1")])
    decide_rows(ledger, DATASET, "b", "released", [("r2", "", 5)])
    assert loaded(ledger, "r2").cells.select("_receipt", "_row", "new").rows() == [("r2", 4, "1")]
    assert loaded(ledger, "r1").rows.select("_receipt", "_row", "decision").rows() == [("r1", 5, "released")]
    assert load_decisions(ledger, DATASET, ["r3"]) is None


def test_the_last_correction_of_a_place_or_a_value_counts_and_a_withdrawn_one_is_none(ledger: Ledger) -> None:
    place = ("r1", "", 4)
    for act, new in (("a", "1"), ("b", "2")):
        correct_rows(ledger, DATASET, act, [(place, "v", "x", new)])
        correct_value(ledger, DATASET, f"v{act}", "v", "y", new)
    found = loaded(ledger, "r1")
    assert found.cells.select("act_id", "new").rows() == [("b", "2")]
    assert found.values.select("act_id", "new").rows() == [("vb", "2")]
    correct_rows(ledger, DATASET, "c", [(place, "v", "x", None)], active=False)
    correct_value(ledger, DATASET, "vc", "v", "y", None, active=False)
    ended = loaded(ledger, "r1")
    assert (ended.cells.height, ended.values.height, ended.digest) == (0, 0, "")
    assert ended.acts == {"c", "vc"}
    assert found.digest not in ("", loaded(ledger, "r3").digest)


@pytest.mark.parametrize("later", ["reopened", "corrected", "exported"])
def test_the_last_act_of_a_row_ends_a_release_or_a_discard(ledger: Ledger, later: str) -> None:
    decide_rows(ledger, DATASET, "a", "released", [("r1", "", 4)])
    decide_rows(ledger, DATASET, "b", "discarded", [("r1", "", 4), ("r1", "", 5)])
    decide_rows(ledger, DATASET, "c", later, [("r1", "", 4)])
    found = loaded(ledger, "r1")
    assert found.rows.select("_row", "decision").rows() == [(5, "discarded")]
    assert found.acts == {"b", "c"}


def test_an_act_counts_once_it_is_on_record(ledger: Ledger) -> None:
    correct_value(ledger, DATASET, "a", "v", "x", "1", recorded=False)
    assert load_decisions(ledger, DATASET, ["r1"]) is None
