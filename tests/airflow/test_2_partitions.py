"""Runs by schedule, and runs triggered by assets."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from citylake.pipelines.lake.lake_zones import Lake
from tests.airflow.api import poll
from tests.airflow.city import FIRST, LIVE, OBJECTS, days, observed, write_day
from tests.airflow.cluster import Cluster
from tests.airflow.lake import built, standard
from tests.airflow.story import LATE, MART_DAG, Story, caught_up, complete, dag_of, days_of, unfinished

UNCHANGED, CORRECTED = FIRST + timedelta(days=1), FIRST + timedelta(days=2)
COUNTS = "traffic.counts"


def test_a_partition_runs_when_the_clock_says(story: Story, lake: Lake) -> None:
    assert story.ticked
    assert story.ticked["run_type"] == "scheduled"
    assert story.ticked["partition_key"]
    found = standard(lake, LIVE)
    assert {place for _, _, place, _ in found} == set(OBJECTS)
    assert len(found) == len(observed(LIVE, found[0][0]))


@pytest.fixture(scope="module")
def before(lake: Lake) -> dict[str, Any]:
    """The mart as the backfills left it."""
    return built(lake)


def test_a_mart_has_the_days_that_all_its_inputs_have_and_no_other(before: dict[str, Any]) -> None:
    assert sorted(before) == [str(day) for day in days() if day != LATE[1]]


def test_a_mart_runs_for_every_day_that_its_inputs_told(story: Story) -> None:
    runs = story.cluster.api.runs(MART_DAG)
    assert set().union(*map(days_of, runs)) >= {str(day) for day in days()}
    assert all(run["note"] for run in runs)


def test_days_wait_for_the_end_of_the_marts_run_and_share_the_next_one(story: Story) -> None:
    runs = sorted(story.cluster.api.runs(MART_DAG), key=lambda run: str(run["run_after"]))
    ended, begun = [run["end_date"] for run in runs[:-1]], [run["run_after"] for run in runs[1:]]
    assert all(datetime.fromisoformat(end) <= datetime.fromisoformat(at) for end, at in zip(ended, begun, strict=True))


@pytest.fixture(scope="module")
def late(story: Story, before: dict[str, Any]) -> dict[str, list[str]]:
    """A day without news and one with a correction, and the late file: the days that each reported to its asset."""
    cluster, seen = story.cluster, {}
    for dataset, day, correction in ((COUNTS, CORRECTED, 11), (*LATE, 0)):
        seen[dataset] = len(cluster.api.events(f"standard.{dataset}"))
        write_day(cluster.sources, dataset, day, correction)
    begun = [
        cluster.api.backfill(dag_of(COUNTS), UNCHANGED, CORRECTED, backwards=False),
        cluster.api.backfill(dag_of(LATE[0]), LATE[1], LATE[1], backwards=False),
    ]
    poll("the late files", lambda: _all_complete(cluster, begun) or None, 300, lambda: unfinished(cluster))
    told = {dataset: _days_told(cluster, dataset)[number:] for dataset, number in seen.items()}
    poll("the mart", lambda: True if rebuilt(cluster, told) else None, 300, lambda: unfinished(cluster))
    return told


def _all_complete(cluster: Cluster, backfills: list[int]) -> bool:
    return all(complete(cluster, each) for each in backfills)


def _days_told(cluster: Cluster, dataset: str) -> list[str]:
    return [str(event["partition_key"]) for event in cluster.api.events(f"standard.{dataset}")]


def rebuilt(cluster: Cluster, told: dict[str, list[str]]) -> bool:
    """Whether the mart has processed a day that was told and has no runs left."""
    last = cluster.api.runs(MART_DAG)[-1]
    named = days_of(last) & {day for each in told.values() for day in each}
    return bool(named) and last["state"] == "success" and caught_up(cluster)


def test_a_late_file_tells_its_own_day_only(late: dict[str, list[str]]) -> None:
    assert late == {COUNTS: [str(CORRECTED)], LATE[0]: [str(LATE[1])]}


def test_a_late_file_rebuilds_its_own_day_only(late: dict[str, list[str]], before: dict[str, Any], lake: Lake) -> None:
    after = built(lake)
    changed = {day for day in after if after[day] != before.get(day)}
    assert changed == {str(CORRECTED), str(LATE[1])}
    assert after[str(CORRECTED)][0] == sum(seen for _, _, seen in observed(COUNTS, CORRECTED, 11))


def test_what_did_not_change_is_not_done_again_and_says_so(
    story: Story, late: dict[str, list[str]], lake: Lake
) -> None:
    api, dag = story.cluster.api, dag_of(COUNTS)
    begun = [run for run in api.runs(dag, run_type="backfill") if str(run["partition_key"])[:10] == str(UNCHANGED)]
    run = max(begun, key=lambda each: str(each["start_date"]))["dag_run_id"]
    task = api.tasks(dag, run)["commit"]
    assert task["state"] == "skipped"
    assert COUNTS in api.log(dag, run, "commit", task["try_number"])
    assert str(UNCHANGED) not in late[COUNTS]
    rows = [row for row in standard(lake, COUNTS) if str(row[0]) == str(UNCHANGED)]
    assert len(rows) == len(observed(COUNTS, UNCHANGED))
