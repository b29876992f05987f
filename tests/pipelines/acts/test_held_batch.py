"""Release and reject: the decision is on record before the work, and the work is completed whatever happens between."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.acts import held_batch
from citylake.pipelines.acts.held_batch import decide_held_batch
from citylake.pipelines.acts.person import Person
from citylake.schemas.words.errors import CitylakeError
from tests.held_trial import (
    DATASET,
    KEY,
    context_of,
    decide,
    deliver,
    held,
    held_contract,
    open_held_trial,
    quarantined,
    standard_rows,
)
from tests.kept_folder import KeptFolder
from tests.thorough import spread
from tests.trial import Trial

GOOD, BAD, WORSE = "2026-03-01 00:00,D1,10", "2026-03-01 01:00,D1,x", "2026-03-01 02:00,,y"
WRITES: dict[str, dict[str, Any]] = {
    "append": {"mode": "append"},
    "upsert": {"mode": "upsert", "key": KEY, "partition": "day(hour_start)"},
    "replace": {"mode": "replace", "partition": "day(hour_start)"},
}


@pytest.fixture
def trial(kept: KeptFolder) -> Trial:
    def hold() -> None:
        found = open_held_trial(kept.root)
        deliver(found, "d.csv", GOOD, BAD, WORSE)
        assert found.run().exit_code == 2

    kept.restore(hold)
    return Trial(kept.root, {"IN": str(kept.root / "in")})


@pytest.mark.parametrize("mode", WRITES)
def test_a_released_batch_gives_the_tables_of_one_that_was_never_held(tmp_path: Path, mode: str) -> None:
    found = []
    for name, share in (("held", 0.5), ("free", 1.0)):
        (tmp_path / name).mkdir()
        trial = open_held_trial(tmp_path / name, held_contract(WRITES[mode], {"quarantine_share": share}))
        deliver(trial, "c.csv", "2026-02-28 00:00,D1,5", "2026-02-28 01:00,D1,6")
        trial.run()
        deliver(trial, "d.csv", GOOD, BAD, WORSE)
        trial.run()
        if name == "held":
            assert decide(trial, "release").exit_code == 0
        refused = quarantined(trial).select("_source", "_row", "raw", "codes", "state").rows()
        found.append((standard_rows(trial), refused))
    assert found[0] == found[1]
    assert len(found[0][0]) == 3


def test_a_release_is_an_act_with_who_when_and_why_and_says_what_was_waived(trial: Trial) -> None:
    (batch,) = held(trial)
    outcome = decide(trial, "release", batch.batch[:6], why="the sensor was new")
    (act,) = trial.ledger.read("acts").to_dicts()
    assert (act["act"], act["batch"], act["user"], act["why"], act["rows"], act["via"]) == (
        "release_batch", batch.batch, "ana", "the sensor was new", 3, "cli",
    )  # fmt: skip
    assert act["department"] == "市交通运输局"
    told = {problem["code"]: problem["text"]["en"] for problem in trial.dataset(outcome, DATASET)["problems"]}
    assert "QUARANTINE_SHARE_HIGH" not in told
    assert all(word in told["HELD_RELEASED"] for word in ("ana", "the sensor was new", "QUARANTINE_SHARE_HIGH"))
    assert held(trial, rejected=True) == []


def test_nothing_is_pulled_again_after_a_release(trial: Trial) -> None:
    decide(trial, "release")
    outcome = trial.run()
    assert (outcome.exit_code, trial.dataset(outcome, DATASET)["status"]) == (0, "unchanged")


def test_rejected_bytes_stay_out_and_a_corrected_delivery_is_judged_anew(trial: Trial) -> None:
    outcome = decide(trial, "reject")
    assert (outcome.exit_code, trial.dataset(outcome, DATASET)["status"]) == (0, "rejected")
    assert quarantined(trial)["state"].to_list() == ["rejected"] * 3
    again = trial.run()
    (problem,) = trial.dataset(again, DATASET)["problems"]
    assert (again.exit_code, problem["code"]) == (0, "DELIVERY_REJECTED")
    deliver(trial, "d.csv", BAD, WORSE)
    assert trial.run().exit_code == 2
    deliver(trial, "d.csv", GOOD)
    assert trial.run().exit_code == 0
    assert len(standard_rows(trial)) == 1


def test_a_rejected_batch_can_still_be_released(trial: Trial) -> None:
    decide(trial, "reject")
    assert decide(trial, "release").exit_code == 0
    assert len(standard_rows(trial)) == 1
    assert quarantined(trial)["state"].to_list() == ["open"] * 2


@pytest.mark.parametrize(
    ("decision", "completed_by"),
    spread([("release", "run"), ("release", "command"), ("reject", "command"), ("reject", "run")], 2),
)
def test_an_act_whose_work_did_not_happen_is_completed(
    trial: Trial, monkeypatch: pytest.MonkeyPatch, decision: Any, completed_by: str
) -> None:
    (batch,) = held(trial)
    with monkeypatch.context() as patch:
        patch.setattr(held_batch, "run_pipeline", _killed)
        with pytest.raises(KeyboardInterrupt):
            decide(trial, decision)
    assert (len(held(trial)), standard_rows(trial)) == (1, [])
    outcome = trial.run() if completed_by == "run" else decide(trial, decision, batch.batch)
    assert outcome.exit_code == 0
    assert trial.ledger.read("acts").height == 1
    assert len(standard_rows(trial)) == (1 if decision == "release" else 0)
    assert set(quarantined(trial)["state"]) == ({"open"} if decision == "release" else {"rejected"})
    before = (standard_rows(trial), quarantined(trial).rows())
    trial.run()
    assert (standard_rows(trial), quarantined(trial).rows()) == before


def _killed(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("decisions", "left", "closed"),
    [
        # The commit itself takes the held rows away.
        (["release"], ["open", "open"], ["open", "open"]),
        (["reject"], ["held", "held", "held"], ["rejected", "rejected", "rejected"]),
        (["reject", "release"], ["open", "open", "rejected"], ["open", "open"]),
    ],
    ids=lambda each: "-".join(each),
)
def test_rows_that_a_killed_decision_left_behind_are_closed_by_the_next_run(
    trial: Trial, monkeypatch: pytest.MonkeyPatch, decisions: list[Any], left: list[str], closed: list[str]
) -> None:
    for decision in decisions[:-1]:
        decide(trial, decision)
    with monkeypatch.context() as patch:
        for module in ("dataset_outcome", "release_batch", "complete_acts"):
            patch.setattr(f"citylake.pipelines.flow.{module}.close_decided_rows", _killed)
        with pytest.raises(KeyboardInterrupt):
            decide(trial, decisions[-1])
    assert len(standard_rows(trial)) == decisions.count("release")
    assert sorted(quarantined(trial)["state"]) == left
    trial.run()
    assert sorted(quarantined(trial)["state"]) == closed


def test_a_missing_required_field_cannot_be_waived_and_the_batch_stays_held(tmp_path: Path) -> None:
    trial = open_held_trial(tmp_path)
    deliver(trial, "d.csv", "2026-03-01 00:00,10", header="t,v")
    trial.run()
    (batch,) = held(trial)
    outcome = decide(trial, "release")
    told = {problem["code"]: problem["text"]["en"] for problem in trial.dataset(outcome, DATASET)["problems"]}
    assert outcome.exit_code == 2
    assert f"citylake held reject {batch.batch}" in told["HELD_NOT_RELEASED"]
    assert [each.batch for each in held(trial)] == [batch.batch]
    assert quarantined(trial)["state"].to_list() == ["held"]
    # The act is spent: a run does not try it again for ever.
    assert trial.ledger.read("batches").filter(trial.ledger.read("batches")["status"] == "held").height == 2
    trial.run()
    assert [each.batch for each in held(trial)] == [batch.batch]


def test_a_missing_optional_field_is_waived(tmp_path: Path) -> None:
    trial = open_held_trial(tmp_path)
    deliver(trial, "d.csv", "2026-03-01 00:00,D1", header="t,dev")
    assert trial.run().exit_code == 2
    assert decide(trial, "release").exit_code == 0
    assert standard_rows(trial)[0][1:3] == ("D1", None)
    # Under the declared contract, so that the next run knows these bytes.
    assert trial.run().exit_code == 0


def test_a_partition_that_shrinks_is_waived(tmp_path: Path) -> None:
    trial = open_held_trial(tmp_path, held_contract(WRITES["replace"]))
    deliver(trial, "a.csv", *(f"2026-03-01 {hour:02}:00,D1,10" for hour in range(20)))
    trial.run()
    deliver(trial, "b.csv", GOOD)
    assert trial.run().exit_code == 2
    assert decide(trial, "release").exit_code == 0
    assert len(standard_rows(trial)) == 1


def test_only_people_with_the_right_decide(trial: Trial) -> None:
    (trial.root / "workspace/roles.yaml").write_text(
        "roles: [{users: [bo], may: [release], departments: [市交通运输局]}]\n", "utf-8"
    )
    with pytest.raises(CitylakeError, match="bo") as error:
        decide(trial, "release")
    assert error.value.code == "ACT_NOT_ALLOWED"
    assert trial.ledger.read("acts").is_empty()
    (batch,) = held(trial)
    assert decide_held_batch(context_of(trial), batch.batch, "reject", Person("bo"), "wrong file").exit_code == 0


@pytest.mark.parametrize(("text", "code"), [("zz", "HELD_UNKNOWN"), ("", "HELD_UNKNOWN")])
def test_a_batch_is_named_by_the_beginning_of_its_id(trial: Trial, text: str, code: str) -> None:
    with pytest.raises(CitylakeError) as error:
        decide_held_batch(context_of(trial), text, "release", Person("ana"), "why")
    assert error.value.code == code
    assert held(trial)[0].batch in str(error.value)


def test_a_decision_needs_a_reason_and_is_made_once(trial: Trial) -> None:
    (batch,) = held(trial)
    with pytest.raises(CitylakeError, match="--why") as error:
        decide(trial, "release", why="  ")
    assert error.value.code == "WHY_MISSING"
    decide(trial, "release")
    with pytest.raises(CitylakeError) as error:
        decide(trial, "release", batch.batch)
    assert error.value.code == "HELD_DECIDED"
