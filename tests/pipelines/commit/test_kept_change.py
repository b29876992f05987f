"""A commit that another one precedes is planned again only if the other has touched what its plan was made from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.commit import commit_batch, delta_transaction
from citylake.pipelines.commit.kept_change import KeptChange
from citylake.pipelines.lake.conflict_retry import noted_conflicts

COLUMNS = ["observed_at", "station", "pm25_ugm3"]
DAY = "day(observed_at)"
WRITES: dict[str, dict[str, Any]] = {
    "upsert": {"mode": "upsert", "key": ["station", "observed_at"], "partition": DAY},
    "upsert without the day": {"mode": "upsert", "key": ["station"], "partition": DAY},
    "append": {"mode": "append", "partition": DAY},
    "replace": {"mode": "replace", "partition": DAY, "replace_min": 0},
}
OTHERS = {"another day": ("r4", 3, "abc"), "the same day": ("r4", 1, "ab"), "an older version": ("r1b", 1, "z")}


def rows(day: int, stations: str, value: float) -> list[dict[str, Any]]:
    moment = datetime(2026, 3, day, tzinfo=UTC)
    return [{"observed_at": moment, "station": station, "pm25_ugm3": value} for station in stations]


def staged(city: Any, receipt: str, days: dict[int, str], **more: Any) -> Any:
    value = float(receipt[1])
    every = [row for day, stations in days.items() for row in rows(day, stations, value)]
    return city.stage({receipt: every}, columns=COLUMNS, day_of="observed_at", dropped=1, **more)


def overtaken(city: Any, write: dict[str, Any], other: tuple[str, int, str], patch: pytest.MonkeyPatch) -> list[str]:
    """Commit a batch of days 1 and 2 over rows of both, while another commit comes first; what was done, in order."""
    contract, done = city.contract(**write), list[str]()
    city.commit(contract, staged(city, "r1", {1: "abcd", 2: "abcd"}))
    mine = replace(staged(city, "r3", {1: "ab", 2: "c"}), versions=(("r1", "r3"), ("r1b", "r3")))
    receipt, day, stations = other
    theirs = staged(city, receipt, {day: stations})
    plan, commit = commit_batch._plan_change, delta_transaction._write_commit

    def planned(*arguments: Any) -> Any:
        done.append("planned")
        return plan(*arguments)

    def committed(lake: Any, table: Any, change: Any, note: Any, *rest: Any, **more: Any) -> None:
        if note["batch"] == mine.batch and "committed" not in done:
            done.append("committed")
            with patch.context() as alone:
                alone.setattr(commit_batch, "_plan_change", plan)
                city.commit(contract, theirs)
        commit(lake, table, change, note, *rest, **more)

    patch.setattr(commit_batch, "_plan_change", planned)
    patch.setattr(delta_transaction, "_write_commit", committed)
    with noted_conflicts() as met:
        city.commit(contract, mine)
    assert met[city.lake.standard("test.readings")] == 1
    return done


def state(city: Any) -> list[Any]:
    lost = city.duplicates().select("_receipt", "_row", "survivor_receipt", "kind")
    return [sorted(city.standard().select(COLUMNS).rows()), sorted(lost.rows(), key=str)]


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("write", WRITES)
def test_a_kept_plan_gives_the_rows_that_planning_again_gives(
    new_city: Callable[[], Any], monkeypatch: pytest.MonkeyPatch, write: str, other: str
) -> None:
    kept, anew = new_city(), new_city()
    with monkeypatch.context() as patch:
        done = overtaken(kept, WRITES[write], OTHERS[other], patch)
    with monkeypatch.context() as patch:
        patch.setattr(KeptChange, "still", lambda *_: None)
        assert overtaken(anew, WRITES[write], OTHERS[other], patch) == ["planned", "committed", "planned"]
    assert state(kept) == state(anew)
    stays = {"another day": write != "upsert without the day", "the same day": write == "append"}.get(other, False)
    assert done == ["planned", "committed"] + ["planned"] * (not stays)


@pytest.mark.parametrize("other", ["another day", "the same day"])
def test_no_file_is_left_that_no_log_names(city: Any, monkeypatch: pytest.MonkeyPatch, other: str) -> None:
    overtaken(city, WRITES["upsert"], OTHERS[other], monkeypatch)
    for table in (city.lake.standard("test.readings"), city.lake.ledger("duplicates")):
        named = "".join(entry.read_text() for entry in Path(table, "_delta_log").glob("*.json"))
        files = [file.name for file in Path(table).rglob("*.parquet")]
        # Of the batches' own duplicates, the staged files are copied, and removed later.
        assert [name for name in files if name not in named and not name.endswith("-0.parquet")] == []
