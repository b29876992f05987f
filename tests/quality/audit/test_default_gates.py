"""Gates that hold a batch without any ``expect`` in its contract."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import polars as pl
import pytest

from citylake.quality.audit import TableHistory
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.contract import Contract

Stage = Callable[..., list[str]]
Judge = Callable[..., dict[str, CheckResult]]


def contract(**more: Any) -> Contract:
    base: dict[str, Any] = {
        "dataset": "gov.register",
        "title": {"zh": "名册", "en": "register"},
        "owner": {"department": "市场监督管理局"},
        "source": {"connector": "files", "path": "*.csv", "format": "csv"},
        "fields": {"编码": {"element": "gov.code"}},
        "write": {"mode": "snapshot", "key": ["code"], "effective": "as_of"},
    }
    return Contract.model_validate(base | more)


def register(rows: int, day: date = date(2026, 3, 2)) -> pl.DataFrame:
    return pl.DataFrame({"code": [f"{number}" for number in range(rows)], "as_of": [day] * rows})


def table(rows: int, closed: int = 0, day: date = date(2026, 3, 1)) -> pl.DataFrame:
    ends = [None] * rows + [day] * closed
    codes = [f"{number}" for number in range(rows + closed)]
    frame = pl.DataFrame({"code": codes, "as_of": [day] * len(codes), "valid_from": [day] * len(codes)})
    return frame.with_columns(pl.Series("valid_to", ends, dtype=pl.Date))


def test_a_batch_of_which_every_row_was_refused_is_held(judge: Judge) -> None:
    found = judge(contract(), rows_in=10, rows_quarantined=10)["all_refused"]
    assert found.holds
    assert found.dimension == "conformity"
    assert found.problem is not None
    assert found.problem.code == "ALL_ROWS_REFUSED"


@pytest.mark.parametrize(("rows", "refused"), [(10, 9), (9, 9)])
def test_one_good_row_or_a_handful_of_rows_hold_nothing(rows: int, refused: int, stage: Stage, judge: Judge) -> None:
    files = stage(register(rows - refused)) if rows > refused else []
    found = judge(contract(), files, rows_in=rows, rows_standard=rows - refused, rows_quarantined=refused)
    assert not any(check.holds for check in found.values())


def test_a_contract_can_say_that_refused_batches_are_ordinary(judge: Judge) -> None:
    found = judge(contract(expect={"all_refused": "report"}), rows_in=10, rows_quarantined=10)["all_refused"]
    assert (found.passed, found.severity) == (False, "warning")


@pytest.mark.parametrize(("rows", "held"), [(49, True), (50, False)])
def test_a_register_that_loses_more_than_half_of_its_valid_entries_is_held(
    rows: int, held: bool, stage: Stage, judge: Judge
) -> None:
    stored = stage(table(100, closed=900), name="stored")
    found = judge(contract(), stage(register(rows)), history=TableHistory(whole=stored))["rows.kept"]
    assert found.holds is held
    assert found.observed == f"{rows} of 100"


def test_refused_rows_of_a_register_count_as_kept_because_their_entries_stay(stage: Stage, judge: Judge) -> None:
    stored = stage(table(100), name="stored")
    found = judge(contract(), stage(register(30)), rows_in=60, rows_quarantined=30, history=TableHistory(whole=stored))
    assert found["rows.kept"].passed


@pytest.mark.parametrize(
    ("more", "day", "before"),
    [
        ({"expect": {"rows": {"kept_min": 0}}}, date(2026, 3, 2), 100),
        ({}, date(2026, 2, 1), 100),
        ({}, date(2026, 3, 2), 19),
    ],
    ids=["turned off", "an older register", "a small one"],
)
def test_the_gate_is_silent_where_it_has_nothing_to_say(
    more: dict[str, Any], day: date, before: int, stage: Stage, judge: Judge
) -> None:
    stored = stage(table(before), name="stored")
    found = judge(contract(**more), stage(register(1, day)), history=TableHistory(whole=stored))
    assert "rows.kept" not in found
