"""The ledger of categories where a run dies between the table's commit and the ledger's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

HEADER = "时间,设备,流量,速度,车型\n"
FIRST = HEADER + "2026-03-01 08:00,JT0000000001,1,40,K1\n"
SECOND = HEADER + "2026-03-02 08:00,JT0000000001,1,40,H1\n"


def test_a_category_whose_ledger_was_not_written_is_told_and_kept_by_the_next_run(take: Any, tmp_path: Path) -> None:
    folder = str(tmp_path)
    assert take(folder, FIRST, {}).problems == ()
    for stored in (False, True):
        told = take(folder, SECOND, {}, stored=stored).problems
        assert [(problem.code, problem.values["values"]) for problem in told] == [("NEW_CATEGORY", "H1")]
    kept = pl.read_delta(f"{folder}/lake/ledger/categories")
    assert sorted(kept["value"]) == ["H1", "K1"]
    assert len(pl.read_delta(f"{folder}/lake/standard/test.rows")) == 2


def test_a_first_batch_whose_ledger_was_not_written_is_still_the_first(take: Any, tmp_path: Path) -> None:
    for stored in (False, True):
        assert take(str(tmp_path), FIRST, {}, stored=stored).problems == ()
    assert pl.read_delta(f"{tmp_path}/lake/ledger/categories")["value"].to_list() == ["K1"]
