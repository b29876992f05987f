from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.records import BatchResult, Publication, Receipt, RowCounts
from citylake.quality.check_result import CheckResult
from citylake.schemas.words.errors import CitylakeError, Problem

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def receipt(number: int, **more: Any) -> Receipt:
    given = {"status": "received", "sha256": f"sha{number}", **more}
    name = f"f{number}.csv"
    return Receipt(f"r{number}", "run1", "air.hourly", name, name, requested_at=NOW, received_at=NOW, **given)


def committed(number: int, rows: int = 10, **more: Any) -> BatchResult:
    counts = RowCounts(rows, rows - 3, 2, 1)
    given = {"status": "committed", "batch": f"b{number}", "counts": counts, **more}
    return BatchResult("air.hourly", receipts=(receipt(number),), **given)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(Lake(str(tmp_path)))


@pytest.fixture(params=["waiting", "stored"])
def settle(request: pytest.FixtureRequest, ledger: Ledger) -> Any:
    """Every answer is the same before a flush and after it, and to another process."""

    def after() -> Ledger:
        if request.param == "waiting":
            return ledger
        ledger.flush()
        return Ledger(ledger.lake)

    return after


def test_only_receipts_that_were_committed_under_the_same_declarations_are_known(ledger: Ledger, settle: Any) -> None:
    broken = receipt(4, status="failed", sha256=None, problem=Problem("X", {"at": date(2026, 3, 1)}))
    again = replace(receipt(5), name="f1.csv", source="f1.csv", sha256="sha1", status="unchanged", same_as="r1")
    ledger.add_receipts([receipt(1), receipt(2), receipt(3), broken, again])
    ledger.add_batches([committed(1)], "fp1")
    ledger.add_batches([committed(2)], "fp2")
    ledger.add_batches([committed(3, status="held")], "fp1")
    found = settle().committed_receipts("air.hourly", "fp1")
    assert found == {("f1.csv", "sha1"): "r1"}
    assert settle().committed_receipts("air.hourly", "fp3") == {}
    assert settle().committed_receipts("air.daily", "fp1") == {}


def test_of_a_source_only_the_last_delivery_and_the_last_declarations_are_known(ledger: Ledger, settle: Any) -> None:
    corrected = replace(receipt(2), name="f1.csv", source="f1.csv")
    ledger.add_receipts([receipt(1), corrected, receipt(3)])
    ledger.add_batches([committed(1)], "fp1")
    ledger.add_batches([replace(committed(2), receipts=(corrected,))], "fp1")
    ledger.add_batches([committed(3)], "fp1")
    ledger.add_batches([replace(committed(3), batch="b4")], "fp2")
    assert settle().committed_receipts("air.hourly", "fp1") == {("f1.csv", "sha2"): "r2"}
    assert settle().committed_receipts("air.hourly", "fp2") == {("f3.csv", "sha3"): "r3"}


def test_what_a_source_delivered_last_is_its_newest_receipt_whichever_was_committed_last(
    ledger: Ledger, settle: Any
) -> None:
    corrected = replace(receipt(2), name="f1.csv", source="f1.csv")
    ledger.add_receipts([receipt(1), corrected])
    ledger.add_batches([replace(committed(2), receipts=(corrected,))], "fp1")
    ledger.add_batches([committed(1)], "fp1")
    assert settle().committed_receipts("air.hourly", "fp1") == {("f1.csv", "sha2"): "r2"}


def test_failed_and_incomplete_attempts_are_kept(ledger: Ledger, settle: Any) -> None:
    short = receipt(1, status="incomplete", declared_count=10, stored_count=9)
    broken = receipt(2, status="failed", sha256=None, problem=Problem("HTTP_FAILED", {"status": 503}))
    ledger.add_receipts([short, broken])
    rows = settle().read("receipts").sort("id").to_dicts()
    assert [(row["status"], row["declared_count"], row["stored_count"]) for row in rows] == [
        ("incomplete", 10, 9),
        ("failed", None, None),
    ]
    assert json.loads(rows[1]["problems"]) == [{"code": "HTTP_FAILED", "values": {"status": 503}}]


def test_a_batch_that_loses_rows_is_refused(ledger: Ledger) -> None:
    leaky = committed(1, counts=RowCounts(10, 7, 2, 0))
    with pytest.raises(CitylakeError, match=r"read 10 rows.*add up to 9") as raised:
        ledger.add_batches([leaky], "fp")
    assert raised.value.code == "ROWS_NOT_CONSERVED"
    assert ledger.read("batches").height == 0


def test_history_is_of_committed_batches_oldest_first(ledger: Ledger, settle: Any) -> None:
    for number, rows in ((1, 10), (2, 20), (3, 30)):
        ledger.add_batches([committed(number, rows)], "fp")
    ledger.add_batches([committed(4, 99, status="held")], "fp")
    assert settle().row_history("air.hourly", 2) == [17, 27]
    last = settle().last_batch("air.hourly")
    assert (last["batch"], last["status"], last["run"]) == ("b4", "held", "run1")
    assert settle().last_batch("air.daily") is None


def test_status_tells_the_last_batch_that_says_something(ledger: Ledger, settle: Any) -> None:
    ledger.add_batches([committed(1, days=(date(2026, 3, 1),), table_version=3, issues={"LATE": 2})], "fp")
    ledger.add_receipts([receipt(2)])
    ledger.add_batches([committed(2, status="held")], "fp")
    ledger.add_batches([BatchResult("air.hourly", "unchanged")])
    ledger.add_publication(Publication("city", "published", "v1", "city-v1.duckdb"), {"air.hourly": 3}, "h1")
    ledger.add_publication(Publication("city", "held"), {"air.hourly": 4}, "h1")
    found = settle().status()
    assert json.loads(json.dumps(found)) == found
    [dataset], [mart] = found["datasets"], found["marts"]
    assert (dataset["status"], dataset["batch"], dataset["held"]) == ("held", "b2", ["b2"])
    assert dataset["quarantine_share"] == pytest.approx(0.2)
    assert dataset["checked_at"] > dataset["recorded_at"]
    assert (mart["status"], mart["version"], mart["path"]) == ("held", "v1", "city-v1.duckdb")


def test_an_empty_lake_has_a_status(ledger: Ledger) -> None:
    assert ledger.status() == {"datasets": [], "marts": []}


def test_a_mart_remembers_the_versions_that_it_was_built_from(ledger: Ledger, settle: Any) -> None:
    days: Mapping[str, tuple[date, ...] | None] = {"t": (date(2026, 3, 1),), "u": None}
    done = Publication("city", "published", "v1", "p", tables={"t": 5}, days=days)
    assert ledger.last_publication("city") is None
    ledger.add_publication(done, {"air.hourly": 3}, "h1", run="run1")
    ledger.add_publication(replace(done, status="unchanged", version=None), {}, "h1")
    found = settle().last_publication("city")
    assert (found.version, found.versions, found.tables_hash) == ("v1", {"air.hourly": 3}, "h1")


def test_judgements_are_kept_with_what_was_seen(ledger: Ledger, settle: Any) -> None:
    few = CheckResult(
        "rows", passed=False, severity="error", observed="3", expected="≥ 10", problem=Problem("ROWS_FEW", {})
    )
    ledger.add_checks("run1", "air.hourly", "b1", [few])
    [row] = settle().read("checks").to_dicts()
    assert (row["subject"], row["batch"], row["passed"], row["observed"]) == ("air.hourly", "b1", False, "3")


def test_a_run_writes_one_transaction_a_table(ledger: Ledger) -> None:
    for number in range(5):
        ledger.add_receipts([receipt(number)])
        ledger.add_batches([committed(number)], "fp")
    ledger.flush()
    ledger.flush()
    for name in ("receipts", "batches"):
        assert len(DeltaTable(ledger.lake.ledger(name)).file_uris()) == 1
    assert ledger.read("batches").height == 5
