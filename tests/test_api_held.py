"""Held batches from a program: listed, released and rejected as on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import polars as pl
import pytest

import citylake
from tests.small_workspace import write_small_workspace


class Held(NamedTuple):
    """A lake with one held batch of five rows, of which four are good."""

    workspace: citylake.Workspace
    lake: citylake.Lake
    batch: str

    def rows(self) -> int:
        """The number of standard rows."""
        return int(self.lake.standard("air.readings").select(pl.len()).collect().item())


@pytest.fixture
def held(tmp_path: Path) -> Held:
    folder = write_small_workspace(tmp_path / "city")
    contract = folder / "datasets/air/readings.yaml"
    contract.write_text(contract.read_text("utf-8") + "expect: {quarantine_share: 0.01}\n", encoding="utf-8")
    workspace, lake = citylake.Workspace.load(folder), citylake.Lake(tmp_path / "lake")
    assert citylake.run(workspace, lake).exit_code == 2
    (batch,) = citylake.held_batches(workspace, lake)
    assert (batch.dataset, batch.status, batch.counts["rows_in"]) == ("air.readings", "held", 5)
    assert [problem.code for problem in batch.problems] == ["QUARANTINE_SHARE_HIGH"]
    return Held(workspace, lake, batch.batch)


def test_a_released_batch_is_in_the_tables_and_in_the_marts(held: Held) -> None:
    outcome = citylake.release_batch(held.workspace, held.lake, held.batch[:6], why="a new sensor", user="li")
    assert (outcome.exit_code, [each.status for each in outcome.publications]) == (0, ["published"])
    assert held.rows() == 4
    assert citylake.held_batches(held.workspace, held.lake) == []
    acts = held.lake.ledger("SELECT act, batch, user, why, via FROM acts").rows()
    assert acts == [("release_batch", held.batch, "li", "a new sensor", "api")]


def test_a_rejected_batch_is_listed_if_wanted_and_can_be_released(held: Held) -> None:
    workspace, lake, batch = held
    assert citylake.reject_batch(workspace, lake, batch, why="a test", user="li").exit_code == 0
    assert citylake.held_batches(workspace, lake, datasets="air.readings") == []
    found = citylake.held_batches(workspace, lake, rejected=True)
    assert [(each.batch, each.status) for each in found] == [(batch, "rejected")]
    assert citylake.release_batch(workspace, lake, batch, why="no test after all", user="li").exit_code == 0
    assert held.rows() == 4


def test_a_decision_needs_a_batch_a_reason_and_the_right(held: Held) -> None:
    roles = "roles:\n- {users: [li], may: [release], departments: ['*']}\n"
    (held.workspace.path / "roles.yaml").write_text(roles, encoding="utf-8")
    workspace = citylake.Workspace.load(held.workspace.path)
    faults = {"HELD_UNKNOWN": {"batch": "ffff"}, "WHY_MISSING": {"why": " "}, "ACT_NOT_ALLOWED": {"user": "wang"}}
    for decide in (citylake.release_batch, citylake.reject_batch):
        for code, fault in faults.items():
            given = {"batch": held.batch, "why": "known", "user": "li", **fault}
            with pytest.raises(citylake.CitylakeError) as raised:
                decide(workspace, held.lake, given["batch"], why=given["why"], user=given["user"])
            assert raised.value.code == code
    assert len(citylake.held_batches(workspace, held.lake)) == 1


def test_held_batches_of_an_unknown_dataset_are_an_error(tmp_path: Path) -> None:
    workspace = citylake.Workspace.load(write_small_workspace(tmp_path / "city"))
    with pytest.raises(citylake.CitylakeError) as raised:
        citylake.held_batches(workspace, citylake.Lake(tmp_path / "lake"), datasets=["air.reading"])
    assert raised.value.code == "DATASET_UNKNOWN"
