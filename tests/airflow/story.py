"""The events before the assertions: backfills at once, in both directions, with failures."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.airflow.api import poll
from tests.airflow.city import BACKFILLED, DAYS, FIRST, LIVE, MART, days, write_day
from tests.airflow.cluster import WORKERS, Cluster
from tests.airflow.kill import kill_in_a_commit

LAST = FIRST + timedelta(days=DAYS - 1)
LATE = ("weather.rain", LAST)
"""The file that is late."""
COMMIT_S, DEADLINE_S = 200.0, 1500.0


@dataclass
class Story:
    """``killed``: the commit in which a worker died. ``restarted``: when the scheduler was."""

    cluster: Cluster
    backfills: dict[str, int] = field(default_factory=dict)
    killed: dict[str, str] | None = None
    restarted: datetime | None = None
    ticked: dict[str, Any] | None = None


def backwards(dataset: str) -> bool:
    """Every second backfill starts with the newest day."""
    return BACKFILLED.index(dataset) % 2 == 1


def tell(cluster: Cluster) -> Story:
    """Run everything until every backfill and retry is complete, and no run is left."""
    story = Story(cluster)
    deliver(cluster)
    for dag in (MART_DAG, *map(dag_of, (*BACKFILLED, LIVE))):
        cluster.api.pause(dag, paused=False)
    for dataset in BACKFILLED:
        begun = cluster.api.backfill(dag_of(dataset), FIRST, LAST, backwards=backwards(dataset))
        story.backfills[dataset] = begun
    # A commit takes a second: it is looked for more often than all else.
    story.killed = poll("a commit", lambda: kill_a_worker(cluster), COMMIT_S, lambda: unfinished(cluster), 0.2)
    poll("the backfills", lambda: step(story), DEADLINE_S, lambda: unfinished(cluster), 0.5)
    poll("the mart", lambda: True if caught_up(cluster) else None, 300, lambda: unfinished(cluster))
    return story


MART_DAG = f"mart.{MART}"
MART_READS = ("traffic.counts", "weather.rain")


def dag_of(dataset: str) -> str:
    return f"dataset.{dataset}"


def deliver(cluster: Cluster) -> None:
    """Every file but the late one; of the dataset that runs every minute, today's."""
    for dataset in BACKFILLED:
        for day in days():
            if (dataset, day) != LATE:
                write_day(cluster.sources, dataset, day)
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    for day in (today, today + timedelta(days=1)):
        write_day(cluster.sources, LIVE, day)


def step(story: Story) -> bool | None:
    """Check the cluster once, and cause the next failure if it is due; True when everything is done."""
    cluster = story.cluster
    if story.restarted is None:
        story.restarted = datetime.now(UTC)
        cluster.native.stop(["scheduler"])
        cluster.native.start_one("scheduler")
    else:
        pass_time(cluster)
    if story.ticked is None:
        story.ticked = tick(cluster)
    if story.ticked is None:
        return None
    return True if all(complete(cluster, each) for each in story.backfills.values()) else None


def kill_a_worker(cluster: Cluster) -> dict[str, str] | None:
    """Kill the worker that is committing, if one is, and start it again; returns the commit."""
    for worker in WORKERS:
        if killed := kill_in_a_commit(cluster, worker):
            cluster.native.stop([worker])
            cluster.native.start_one(worker)
            return killed
    return None


def pass_time(cluster: Cluster) -> None:
    """Let the minutes pass at once after which what has failed is tried again."""
    waiting = "state = 'up_for_retry' AND end_date > now() - interval '30 minutes'"
    cluster.database.sql(f"UPDATE task_instance SET end_date = end_date - interval '1 hour' WHERE {waiting}")


def tick(cluster: Cluster) -> dict[str, Any] | None:
    """The first scheduled run, once it has succeeded; then the DAG is paused."""
    runs = cluster.api.runs(dag_of(LIVE), run_type="scheduled", state="success")
    if runs:
        cluster.api.pause(dag_of(LIVE), paused=True)
    return runs[0] if runs else None


def complete(cluster: Cluster, backfill: int) -> bool:
    return cluster.api.ask("GET", f"backfills/{backfill}")["completed_at"] is not None


def quiet(cluster: Cluster, dag: str) -> bool:
    """Whether the DAG has nothing to do."""
    return not any(run["state"] in ("queued", "running") for run in cluster.api.runs(dag))


def caught_up(cluster: Cluster) -> bool:
    """Whether the mart has nothing to do and its last run began after every event: days that wait have no run yet."""
    told = [event["timestamp"] for dataset in MART_READS for event in cluster.api.events(f"standard.{dataset}")]
    runs = [run["run_after"] for run in cluster.api.runs(MART_DAG)]
    latest = max(map(datetime.fromisoformat, runs), default=None)
    began = latest is not None and all(datetime.fromisoformat(at) <= latest for at in told)
    return began and quiet(cluster, MART_DAG)


def days_of(run: dict[str, Any]) -> set[str]:
    """The days of a mart's run, which its partition key names: ``2026-03-01..2026-03-05,2026-03-09``."""
    found: set[str] = set()
    for span in str(run["partition_key"]).split(","):
        first, last = (date.fromisoformat(day) for day in (span.split("..") * 2)[:2])
        found |= {str(first + timedelta(n)) for n in range((last - first).days + 1)}
    return found


def unfinished(cluster: Cluster) -> str:
    """The state of the first ten runs that have not succeeded."""
    left = [
        (dag, run["dag_run_id"])
        for dag in (MART_DAG, *map(dag_of, BACKFILLED))
        for run in cluster.api.runs(dag)
        if run["state"] != "success" and (run["state"] != "queued" or dag == MART_DAG)
    ]
    return "\n".join(cluster.api.told(dag, run) for dag, run in left[:10])
