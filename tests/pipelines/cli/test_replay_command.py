"""``citylake replay``: what it says, its exit codes, and the marts after it."""

from __future__ import annotations

from typing import Any

import pytest

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from tests.decided import correct_value


@pytest.fixture
def changed(kept_city: Any) -> Any:
    """Counts in thousands by a corrected contract, and a source that no longer has the first file."""
    city = kept_city(lambda city: city.json("run"))
    (city.files / "a.csv").unlink()
    city.drop("b.csv", "时间,设备,流量\n2026-03-02 08:00,JT0000000001,7\n")
    path = city.root / "workspace/datasets/traffic/counts.yaml"
    path.write_text(path.read_text("utf-8").replace('"%Y-%m-%d %H:%M"}', '"%Y-%m-%d %H:%M", zone: UTC}'), "utf-8")
    return city


def flows(city: Any) -> list[tuple[str, int]]:
    _, told = city.json("query", "traffic", "SELECT day::VARCHAR AS day, flow_veh FROM day ORDER BY day")
    return [tuple(row.values()) if isinstance(row, dict) else tuple(row) for row in told["rows"]]


def test_the_run_is_held_the_replay_is_done_and_the_next_run_goes_on(changed: Any) -> None:
    code, told = changed.json("run")
    (entry,) = told["datasets"]
    assert (code, entry["status"], entry["problems"][0]["code"]) == (2, "held", "CONTRACT_MEANING_CHANGED")
    code, told = changed.json("replay", "traffic.counts")
    (entry,) = told["datasets"]
    assert (code, entry["status"], entry["rows_in"]) == (0, "committed", 2)
    assert [mart["status"] for mart in told["marts"]] == ["published"]
    assert changed.call("run")[0] == 0


def test_the_terminal_shows_the_counts_and_that_there_is_nothing_to_replay(changed: Any) -> None:
    code, out, _ = changed.call("replay", "traffic.counts")
    assert code == 0
    assert "traffic.counts" in out
    assert "committed" in out
    code, out, _ = changed.call("replay", "traffic.counts")
    assert (code, "Nothing new" in out) == (0, True)


def test_rows_are_kept_where_the_source_itself_has_changed(changed: Any) -> None:
    code, out, _ = changed.call("replay", "traffic.counts", "--keep")
    assert (code, "stay as they are" in out) == (0, True)
    code, told = changed.json("run")
    assert (code, told["datasets"][0]["status"]) == (0, "committed")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [(["traffic.count"], "traffic.counts"), (["traffic.counts", "--batch", "4c1f"], "4c1f")],
)
def test_what_does_not_exist_is_a_fault_of_usage(changed: Any, arguments: list[str], told: str) -> None:
    code, _, err = changed.call("replay", *arguments)
    assert code == 1
    assert told in err


def test_the_ledger_names_what_was_superseded(changed: Any) -> None:
    changed.json("replay", "traffic.counts")
    _, told = changed.json("ledger", "SELECT batch, supersedes, fingerprint FROM batches WHERE status = 'committed'")
    rows = told["rows"] if isinstance(told, dict) else told
    assert len(rows) == 2


def test_of_all_datasets_only_what_a_person_decided_about_is_replayed_and_once(city: Any) -> None:
    city.drop("x.csv", "时间,设备,流量\n2026-03-01 09:00,JT0000000001,?\n")
    city.json("run")
    code, out, _ = city.call("replay", "--quarantine")
    assert (code, "There is nothing to replay" in out, "traffic.counts: 1 receipts" in out) == (0, True, True)
    correct_value(Ledger(Lake(str(city.root / "lake"))), "traffic.counts", "act", "流量", "?", "12")
    code, told = city.json("replay", "--quarantine")
    (entry,) = told["datasets"]
    assert (code, entry["status"], entry["rows_in"], entry["rows_quarantined"]) == (0, "committed", 1, 0)
    assert [mart["status"] for mart in told["marts"]] == ["published"]
    code, told = city.json("replay", "--quarantine")
    assert (code, told["datasets"], told["left_alone"]) == (0, [], {})


def test_without_a_dataset_a_replay_is_of_the_quarantine(city: Any) -> None:
    code, _, err = city.call("replay")
    assert (code, "citylake replay --quarantine" in err) == (1, True)
