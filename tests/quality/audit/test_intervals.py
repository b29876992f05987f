"""``expect.intervals``: one thing has one interval at a time, in the batch and in the table that it joins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

import duckdb
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from citylake.quality.audit import TableHistory
from citylake.quality.audit.audit_input import CheckedRows
from citylake.quality.audit.overlapping_intervals import FRESH, MAX_EXAMPLES, find_overlaps
from citylake.quality.check_result import CheckResult
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.expectations import DisjointIntervals
from citylake.schemas.words.message_catalogue import render_issue

Stage = Callable[..., list[str]]
Judge = Callable[..., dict[str, CheckResult]]
CHECK = "intervals.asset.first"
CONNECTION = duckdb.connect()


class Lease(NamedTuple):
    name: str
    asset: str | None
    first: int | None
    last: int | None
    fresh: bool = True


def spans(closed: bool) -> DisjointIntervals:
    return DisjointIntervals.model_validate({"by": ["asset"], "from": "first", "to": "last", "closed": closed})


def days_of(lease: Lease, closed: bool) -> set[int]:
    """The days of a lease up to 12; those that are not judged have none."""
    if lease.asset is None or lease.first is None:
        return set()
    last = 12 if lease.last is None else lease.last + closed
    return set(range(lease.first, last))


@st.composite
def leases(draw: st.DrawFn) -> list[Lease]:
    day, asset = st.none() | st.integers(0, 9), st.sampled_from(["a", "b", None])
    many = draw(st.lists(st.tuples(asset, day, day, st.booleans()), max_size=12))
    return [Lease(f"L{number}", *each) for number, each in enumerate(many)]


@settings(deadline=None)
@given(leases(), st.booleans())
def test_rows_that_overlap_are_those_that_share_a_day_with_another(rows: list[Lease], closed: bool) -> None:
    frame = pl.DataFrame(rows, schema=["name", "asset", "first", "last", FRESH], orient="row").cast(
        {"asset": pl.String, "name": pl.String, "first": pl.Int64, "last": pl.Int64, FRESH: pl.Boolean}
    )
    CONNECTION.register("leases", frame.to_arrow())
    checked = CheckedRows("assets.leases", CONNECTION, dict.fromkeys(frame.columns, ""), "leases")
    count, examples = find_overlaps(checked, spans(closed), ["name"])
    met = {
        (one.name, other.name)
        for one in rows
        for other in rows
        if one is not other and one.asset == other.asset and days_of(one, closed) & days_of(other, closed) and one.fresh
    }
    assert count == len({name for name, _ in met})
    assert bool(examples) == bool(met)
    assert {tuple(part.split()[0] for part in example.split(" / ")) for example in examples} <= met
    assert len(examples) <= MAX_EXAMPLES


def contract(mode: str = "upsert", severity: str = "error", **write: Any) -> Contract:
    key = {} if mode == "append" else {"key": ["lease"]}
    expect = {"intervals": [{"by": ["asset"], "from": "first", "to": "last"}], "severity": {"intervals": severity}}
    return Contract.model_validate({
        "dataset": "assets.leases",
        "title": {"zh": "租约", "en": "leases"},
        "owner": {"department": "市国资委"},
        "source": {"connector": "files", "path": "*.csv", "format": "csv"},
        "fields": {"租约": {"element": "assets.lease"}},
        "write": {"mode": mode, **key, **write},
        "expect": expect,
    })  # fmt: skip


def table(*rows: tuple[str, str, int, int | None], receipt: str = "r1", **more: Sequence[Any]) -> pl.DataFrame:
    found = {
        "lease": [row[0] for row in rows],
        "asset": [row[1] for row in rows],
        "first": [date(2026, 3, row[2]) for row in rows],
        "last": [date(2026, 3, row[3]) if row[3] else None for row in rows],
        "_receipt": [receipt] * len(rows),
        "_row": list(range(len(rows))),
    }
    return pl.DataFrame(found | more, schema_overrides={"last": pl.Date})


STORED = table(("L1", "a", 1, 10), ("L2", "b", 1, 10), receipt="r0")


def found(
    stage: Stage, judge: Judge, of: Contract, batch: pl.DataFrame, *, replaced: Sequence[str] = ()
) -> CheckResult:
    history = TableHistory(whole=stage(STORED, name="stored"), replaced=replaced)
    return judge(of, stage(batch), history=history)[CHECK]


def test_a_row_that_overlaps_one_of_the_table_holds_the_batch_and_names_both(stage: Stage, judge: Judge) -> None:
    check = found(stage, judge, contract(), table(("L3", "a", 9, 20), ("L4", "b", 10, None)))
    assert check.holds
    assert check.dimension == "consistency"
    assert check.observed == "1 overlapping: L3 (2026-03-09 … 2026-03-20) / L1 (2026-03-01 … 2026-03-10)"
    assert check.problem is not None
    assert "L3" in render_issue(check.problem.code, {**check.problem.values, "batch": "b1"}, "en")


def test_a_warning_leaves_the_batch_as_it_is(stage: Stage, judge: Judge) -> None:
    check = found(stage, judge, contract(severity="warning"), table(("L3", "a", 9, 20)))
    assert (check.passed, check.holds) == (False, False)


def test_a_row_that_the_batch_corrects_does_not_count_as_it_was(stage: Stage, judge: Judge) -> None:
    corrected = table(("L1", "a", 1, 5), ("L3", "a", 5, 9))
    assert found(stage, judge, contract(), corrected).passed


def test_an_older_state_than_that_of_the_table_does_not_count(stage: Stage, judge: Judge) -> None:
    of = contract(latest_by="changed")
    batch = table(("L1", "a", 1, 30), ("L3", "a", 10, 12), changed=[1, 1])
    history = TableHistory(whole=stage(STORED.with_columns(changed=2), name="stored"))
    assert judge(of, stage(batch), history=history)[CHECK].passed


def test_a_deleted_row_overlaps_nothing(stage: Stage, judge: Judge) -> None:
    of = contract(deleted={"column": "operation", "codes": ["D"]})
    stored = STORED.with_columns(operation=pl.lit("D"))
    batch = table(("L3", "a", 2, 4), ("L4", "a", 3, 5), operation=["D", "I"])
    assert judge(of, stage(batch), history=TableHistory(whole=stage(stored, name="stored")))[CHECK].passed


@pytest.mark.parametrize(("replaced", "passed"), [((), False), (("r0",), True)])
def test_an_appended_file_that_was_corrected_replaces_its_rows(
    stage: Stage, judge: Judge, replaced: Sequence[str], *, passed: bool
) -> None:
    check = found(stage, judge, contract("append"), table(("L3", "a", 2, 4)), replaced=replaced)
    assert check.passed is passed


def test_files_that_replace_days_are_compared_with_the_other_days(stage: Stage, judge: Judge) -> None:
    of = contract("replace", partition="day(first)")
    days = {date(2026, 3, 1): stage(STORED, name="stored"), date(2026, 3, 2): stage(STORED.head(0), STORED.head(1))[1:]}
    staged = stage(table(("L3", "b", 2, 4)), name="again")
    check = judge(of, staged, history=TableHistory(by_day=True, files=days, rows={}, today=date(2026, 3, 1)))[CHECK]
    assert check.passed, check.observed
    staged = stage(table(("L3", "a", 2, 4)), name="again")
    check = judge(of, staged, history=TableHistory(by_day=True, files=days, rows={}, today=date(2026, 3, 1)))[CHECK]
    assert check.observed.startswith("1 overlapping: L3")


def test_each_delivery_of_a_register_is_compared_with_itself(stage: Stage, judge: Judge) -> None:
    of = contract("snapshot", effective="as_of")
    batch = table(
        ("L1", "a", 1, 10), ("L1", "a", 1, 12), ("L2", "a", 11, 15), as_of=[date(2026, 3, day) for day in (1, 2, 2)]
    )
    assert found(stage, judge, of, batch).observed == (
        "2 overlapping: L2 (2026-03-11 … 2026-03-15) / L1 (2026-03-01 … 2026-03-12)"
    )


def test_a_batch_without_rows_or_without_a_column_of_the_promise(stage: Stage, judge: Judge) -> None:
    assert judge(contract())[CHECK].passed
    check = found(stage, judge, contract(), table(("L3", "c", 1, 2)).drop("last"))
    assert check.holds
    assert check.problem is not None
    assert check.problem.code == "AUDIT_COLUMN_UNKNOWN"
