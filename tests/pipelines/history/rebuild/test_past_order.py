"""Builds come after exactly the batches that they read, whatever the ledger's numbers say."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from citylake.pipelines.history.rebuild.past_batch import PastBatch
from citylake.pipelines.history.rebuild.past_order import in_past_order
from citylake.pipelines.history.rebuild.past_publication import PastBuild, builds_behind
from citylake.pipelines.records import RowCounts
from citylake.schemas.words.errors import CitylakeError

AT = datetime(2026, 3, 1, tzinfo=UTC)


def batch(dataset: str, number: int, place: int) -> PastBatch:
    counts, none = RowCounts(), frozenset[str]()
    return PastBatch(dataset, f"{dataset}{place}", number, place, "20260301T010203-abc", AT, (), "", "", counts, none)


def build(number: int, versions: dict[str, int], **more: Any) -> PastBuild:
    values: dict[str, Any] = {"mart": "m", "status": "published", "waiting": frozenset(), "at": AT} | more
    waiting, at = values["waiting"], values["at"]
    return PastBuild(values["mart"], number, values["status"], f"v{number}", at, versions, {}, "", "", (), waiting)


def test_a_batch_that_was_recorded_late_comes_before_the_build_that_read_it() -> None:
    late, next_ = batch("a", 9, 0), batch("a", 10, 1)
    made = build(5, {"a": 0})
    assert in_past_order({"a": [late, next_]}, [made]) == [late, made, next_]


def test_a_batch_that_a_build_has_not_read_comes_after_it() -> None:
    first, unread = batch("a", 1, 0), batch("a", 2, 1)
    made = build(5, {"a": 0})
    assert in_past_order({"a": [first, unread]}, [made]) == [first, made, unread]
    assert in_past_order({"a": [first]}, [build(5, {"a": -1})])[0] != first


def test_what_the_versions_leave_open_is_in_the_order_of_the_ledger() -> None:
    one, two, three = batch("a", 3, 0), batch("b", 1, 0), batch("a", 4, 7)
    assert in_past_order({"a": [one, three], "b": [two]}, []) == [two, one, three]


def test_versions_that_contradict_each_other_are_refused() -> None:
    only = {"a": [batch("a", 1, 0), batch("a", 2, 5)]}
    builds = [build(3, {"a": 5}), build(4, {"a": 0})]
    with pytest.raises(CitylakeError) as refused:
        in_past_order(only, builds)
    assert refused.value.code == "REBUILD_ORDER_UNCLEAR"


def test_a_day_that_waited_rests_on_the_last_build_in_which_it_did_not() -> None:
    day, other = date(2026, 3, 1), date(2026, 3, 2)
    builds = [
        build(1, {}),
        build(2, {}, waiting=frozenset({other})),
        build(3, {}, waiting=frozenset({day, other})),
        build(4, {}, waiting=frozenset({day})),
    ]
    assert builds_behind(builds, builds[3]) == builds[1:]
    assert builds_behind(builds, builds[0]) == builds[:1]
    assert builds_behind(builds[2:], builds[3]) == builds[2:]


def test_the_start_of_a_run_is_in_its_id() -> None:
    assert batch("a", 1, 0).run_then.started_at == datetime(2026, 3, 1, 1, 2, 3, tzinfo=UTC)
    assert PastBatch("a", "b", 1, 0, "manual__1", AT, (), "", "", RowCounts(), frozenset()).run_then.started_at == AT
