"""Backfills of many days and several datasets, in both directions, with a killed worker and a restarted scheduler."""

from __future__ import annotations

from typing import Any

import pytest

from citylake.pipelines.lake.lake_zones import Lake
from tests.airflow.city import BACKFILLED, DAYS, FIRST, days, observed
from tests.airflow.lake import committed, standard
from tests.airflow.story import LATE, Story, backwards, dag_of


def runs(story: Story, dataset: str) -> list[dict[str, Any]]:
    """The runs of the dataset's backfill."""
    return story.cluster.api.runs(dag_of(dataset), run_type="backfill")


@pytest.mark.parametrize("dataset", BACKFILLED)
def test_every_day_of_a_backfill_has_one_run_and_it_succeeds(story: Story, dataset: str) -> None:
    ended = sorted((run["partition_key"][:10], run["state"]) for run in runs(story, dataset))
    assert ended == [(str(day), "success") for day in days()]


@pytest.mark.parametrize("dataset", BACKFILLED)
def test_a_backfill_goes_in_the_direction_that_was_asked_for(story: Story, dataset: str) -> None:
    begun = sorted(runs(story, dataset), key=lambda run: str(run["start_date"]))
    order = [run["partition_key"] for run in begun]
    assert order == sorted(order, reverse=backwards(dataset))


@pytest.mark.parametrize("dataset", BACKFILLED)
def test_every_row_is_there_once(story: Story, lake: Lake, dataset: str) -> None:
    expected = [
        (str(day), place, float(seen))
        for day in days()
        if (dataset, day) != LATE
        for _, place, seen in observed(dataset, day)
    ]
    found = [(str(day), place, float(seen)) for day, _, place, seen in standard(lake, dataset)]
    assert sorted(found) == sorted(expected)


@pytest.mark.parametrize("dataset", BACKFILLED)
def test_the_table_is_that_of_a_lake_that_nothing_disturbed(lake: Lake, calm: Lake, dataset: str) -> None:
    assert standard(lake, dataset) == standard(calm, dataset)


@pytest.mark.parametrize("dataset", BACKFILLED)
def test_the_ledger_has_every_batch_once(lake: Lake, dataset: str) -> None:
    batches = committed(lake, dataset)
    expected = DAYS - (dataset == LATE[0])
    assert len(batches) == len({batch["batch"] for batch in batches}) == expected
    assert sum(batch["rows_standard"] for batch in batches) == len(standard(lake, dataset))


def test_a_commit_whose_worker_was_killed_is_done_by_another_attempt(story: Story) -> None:
    assert story.killed
    task = story.cluster.api.tasks(story.killed["dag"], story.killed["run"])["commit"]
    assert task["try_number"] > 1
    assert task["state"] in ("success", "skipped")


def test_the_scheduler_goes_on_where_it_was_stopped(story: Story) -> None:
    assert story.restarted
    begun = [str(run["start_date"]) for dataset in BACKFILLED for run in runs(story, dataset)]
    stopped = story.restarted.isoformat()
    assert min(begun) < stopped < max(begun)
    assert FIRST.isoformat() in {run["partition_key"][:10] for run in runs(story, BACKFILLED[1])}
