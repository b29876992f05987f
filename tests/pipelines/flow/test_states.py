"""Where the next pull begins moves with the table, and never before it."""

from __future__ import annotations

from typing import Any

import pytest
from deltalake import DeltaTable

from citylake.pipelines.flow import scheduler_tasks
from citylake.pipelines.lake.ledger import Ledger

ROWS = [{"id": f"D{number}", "flow": number, "at": f"2026-03-0{number}T00:00:00Z"} for number in range(1, 5)]


def declare(trial: Any, url: str, least: int = 1, dataset: str = "traffic.counts") -> None:
    trial.declare(
        f"datasets/{dataset.replace('.', '/')}",
        {
            "dataset": dataset,
            "title": {"zh": "流量", "en": "counts"},
            "owner": {"department": "市交通运输局"},
            "source": {"connector": "http", "url": f"{url}/counts.json", "format": "json"},
            "fields": {
                "id": {"element": "traffic.device_code", "required": True},
                "flow": {"element": "traffic.flow"},
            },
            "ignore": ["at"],
            "write": {"mode": "upsert", "key": ["device_code"]},
            "expect": {"rows": {"min": least}},
        },
    )


@pytest.fixture
def counts(trial: Any, city: Any, reply: Any) -> Any:
    """A source that tells an ETag, and a contract that takes whatever it sends."""

    def answer(asked: Any) -> Any:
        same = asked.headers.get("if-none-match") == '"one"'
        return reply(status=304) if same else reply(ROWS, headers={"ETag": '"one"'})

    city.answer = answer
    declare(trial, city.url)
    return trial


def states(trial: Any) -> dict[str, Any]:
    found: dict[str, Any] = trial.ledger.states("traffic.counts")
    return found


def test_a_held_batch_moves_nothing(counts: Any, city: Any) -> None:
    declare(counts, city.url, least=100)
    assert counts.run().exit_code == 2
    assert states(counts) == {}
    declare(counts, city.url)
    assert counts.run().exit_code == 0
    assert states(counts) == {"counts.json": {"etag": '"one"'}}


def test_what_is_committed_is_not_sent_again(counts: Any, city: Any) -> None:
    counts.run()
    outcome = counts.run()
    assert counts.dataset(outcome, "traffic.counts")["status"] == "unchanged"
    assert city.asked[-1].headers["if-none-match"] == '"one"'
    assert counts.receipts("traffic.counts")[-1]["same_as"] == counts.receipts("traffic.counts")[0]["id"]


@pytest.mark.parametrize("answered", ["304", "the same bytes"])
def test_sources_without_news_are_written_down_together(counts: Any, city: Any, reply: Any, answered: str) -> None:
    if answered != "304":
        city.answer = lambda asked: reply(ROWS, headers={"ETag": '"one"'})
    for number in range(3):
        declare(counts, city.url, dataset=f"traffic.counts_{number}")
    counts.run()
    tables = [DeltaTable(counts.ledger.lake.ledger(name)) for name in ("receipts", "batches", "states")]
    before = [table.version() for table in tables]
    outcome = counts.run()
    assert {entry["status"] for entry in outcome.document["datasets"]} == {"unchanged"}
    for table in tables:
        table.update_incremental()
    assert [table.version() for table in tables] == [before[0] + 1, before[1] + 1, before[2]]


def test_a_dataset_with_news_makes_one_commit_in_each_table_of_the_ledger(counts: Any, city: Any) -> None:
    for number in range(3):
        declare(counts, city.url, dataset=f"traffic.counts_{number}")
    counts.run()
    names = ("receipts", "checks", "batches", "states", "meanings")
    # The first version of a table has the rows of its first commit.
    assert [DeltaTable(counts.ledger.lake.ledger(name)).version() for name in names] == [3] * len(names)
    assert DeltaTable(counts.ledger.lake.ledger("files")).version() == 0


def test_other_declarations_ask_for_all_of_it_again(counts: Any, city: Any) -> None:
    counts.run()
    declare(counts, city.url, least=2)
    assert counts.dataset(counts.run(), "traffic.counts")["status"] == "committed"
    assert "if-none-match" not in city.asked[-1].headers


def test_a_crash_between_the_commit_and_its_state_loses_and_doubles_nothing(
    counts: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Ledger, "add_states", broken)
        with pytest.raises(KeyboardInterrupt):
            counts.run()
    assert states(counts) == {}
    assert counts.run().exit_code == 0
    assert counts.standard("traffic.counts").height == len(ROWS)
    assert states(counts) == {"counts.json": {"etag": '"one"'}}


def test_a_state_that_an_operator_sets_is_where_the_next_pull_begins(counts: Any, city: Any) -> None:
    counts.run()
    ledger = counts.ledger
    ledger.set_state("traffic.counts", "counts.json", {})
    ledger.flush()
    counts.run()
    assert "if-none-match" not in city.asked[-1].headers


@pytest.mark.parametrize(("least", "wanted"), [(1, {"counts.json": {"etag": '"one"'}}), (100, {})])
def test_as_tasks_of_a_scheduler_the_steps_move_the_same(
    counts: Any, city: Any, monkeypatch: pytest.MonkeyPatch, least: int, wanted: dict[str, Any]
) -> None:
    declare(counts, city.url, least=least)
    monkeypatch.setenv("CITYLAKE_WORKSPACE", str(counts.root / "workspace"))
    monkeypatch.setenv("CITYLAKE_LAKE", str(counts.root / "lake"))
    for step in (
        scheduler_tasks.pull_task,
        scheduler_tasks.parse_task,
        scheduler_tasks.conform_task,
        scheduler_tasks.audit_task,
        scheduler_tasks.commit_task,
        scheduler_tasks.settle_task,
    ):
        step("traffic.counts", "by-the-clock")
    assert states(counts) == wanted
    assert (counts.dataset(counts.run(), "traffic.counts")["status"] == "unchanged") == bool(wanted)
