"""The law of retention: what is deleted of a receipt depends on its age, on both settings, and on what its text is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.upkeep.receipt_retention import ReceiptZone, RetentionRule, apply_retention
from citylake.pipelines.upkeep.upkeep_result import UpkeepResult
from citylake.schemas.read.registry import Registry


@dataclass(frozen=True)
class Kept:
    """A receipt: its age in days, and whether its raw zone is the read record alone."""

    age: int
    recorded: bool


KEPT = st.builds(Kept, st.integers(0, 6), st.booleans())
DAYS = st.none() | st.integers(1, 5)


def lay(lake: Lake, receipts: Sequence[Kept]) -> pl.DataFrame:
    now = datetime.now(UTC)
    for number, each in enumerate(receipts):
        landed = Path(lake.landing("d", "2026-03-01", f"r{number}"), "x.csv")
        raw = Path(lake.raw("d", f"r{number}"), "read.json" if each.recorded else "part-00000.parquet")
        for path in (landed, raw):
            path.parent.mkdir(parents=True)
            path.write_text("x")
    rows = [("d", f"r{number}", now - timedelta(days=each.age, hours=1), True) for number, each in enumerate(receipts)]
    schema: dict[str, Any] = {
        "dataset": pl.String,
        "id": pl.String,
        "received_at": pl.Datetime("us", "UTC"),
        "done": pl.Boolean,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def names(lake: Lake, zone: str) -> set[str]:
    return {path.parent.name for path in Path(lake.path(zone)).rglob("*") if path.is_file()}


@settings(max_examples=20, deadline=None)
@given(receipts=st.lists(KEPT, min_size=1, max_size=5), landing_days=DAYS, raw_days=DAYS)
def test_bytes_that_are_the_text_go_when_both_days_have_passed_and_all_others_after_their_own(
    tmp_path_factory: pytest.TempPathFactory, receipts: list[Kept], landing_days: int | None, raw_days: int | None
) -> None:
    lake = Lake(str(tmp_path_factory.mktemp("law")))
    table = lay(lake, receipts)
    registry = Registry.__new__(Registry)
    registry.contracts = {}
    context = RunContext(registry, lake, Ledger(lake), new_run())
    week = timedelta(days=7)
    found: list[UpkeepResult] = []
    settled: dict[ReceiptZone, tuple[int | None, int | None]] = {
        "landing": (landing_days, raw_days),
        "raw": (raw_days, landing_days),
    }
    for zone, (days, other) in settled.items():
        found += apply_retention(context, zone, "d", RetentionRule(days, other, week, table, ()))

    def past(age: int, days: int | None) -> bool:
        return days is not None and age >= days

    def kept(own: int | None) -> set[str]:
        both = [landing_days, raw_days]
        return {
            f"r{number}"
            for number, each in enumerate(receipts)
            if not all(past(each.age, days) for days in (both if each.recorded else [own]))
        }

    assert (names(lake, "landing"), names(lake, "raw")) == (kept(landing_days), kept(raw_days))
    waiting = [each for each in receipts if each.recorded and past(each.age, landing_days)]
    waiting = [each for each in waiting if not past(each.age, raw_days)]
    assert [each.files_before for each in found if each.work == "kept"] == ([len(waiting)] if waiting else [])
    assert all(each.say(language) for each in found for language in ("zh", "en"))
