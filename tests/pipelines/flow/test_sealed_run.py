"""Landed and raw files of a dataset of persons are encrypted; who reads them again needs the key, and is on record."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import polars as pl
import pyrage
import pytest

from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.lake.ledger import accesses_table
from citylake.pipelines.read.source_row import read_source_row
from citylake.pipelines.trial.changed_registry import open_changed
from citylake.pipelines.trial.run_trial import TrialOptions, run_trial
from citylake.pipelines.trial.trial_result import DatasetTrial
from citylake.pipelines.upkeep.verify.damaged_files import find_damaged_files
from citylake.pipelines.upkeep.verify.verify_lake import LakeVerification
from citylake.pipelines.upkeep.verify.verify_options import VerifyOptions
from citylake.schemas.lint.valid_registry import load_valid_registry
from citylake.schemas.words.errors import CitylakeError
from tests.declared import device_counts
from tests.sealed import (
    PERSONS,
    PLANTED,
    REGISTER,
    VARIABLE,
    deliver,
    files_with,
    new_key,
    open_register,
    persons_contract,
)
from tests.trial import Trial

FORMS = ("csv", "json")


RAW = pytest.mark.parametrize("lake_of", ["json"], indirect=True)
"""A format whose text is stored in raw; of CSV, raw has only how it is read."""


@pytest.fixture(params=["csv"])
def lake_of(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    """A lake with one sealed delivery, and the key in the environment."""
    monkeypatch.setenv(VARIABLE, new_key())
    trial = open_register(tmp_path, request.param)
    deliver(trial, f"a.{request.param}", *PERSONS)
    assert trial.run().exit_code == 0
    return trial


def accesses(trial: Trial) -> list[tuple[str, str]]:
    found = trial.ledger.read(accesses_table.TABLE)
    assert found.filter(pl.col("user") == "", pl.col("subject") != REGISTER).is_empty()
    return list(found.select("access", "outcome").iter_rows())


def findings(trial: Trial, *, deep: bool = True) -> list[str]:
    return [each.problem.code for each in LakeVerification(trial.ledger, VerifyOptions(deep=deep)).findings()]


def source_row(trial: Trial) -> dict[str, str | None]:
    receipt, row = trial.standard(REGISTER).sort("_row").select("_receipt", "_row").row(0)
    return read_source_row(trial.lake, receipt, row)


def try_change(trial: Trial) -> DatasetTrial:
    """A trial of a workspace in which a filter leaves one person out."""
    changed = trial.root / "changed"
    shutil.copytree(trial.root / "workspace", changed, dirs_exist_ok=True)
    form = trial.receipts(REGISTER)[0]["name"].rpartition(".")[2]
    other = Trial(trial.root / "other")
    other.declare("datasets/persons", persons_contract(form, where={"号": ["A-1"]}))
    shutil.copy(other.root / "workspace/datasets/persons.yaml", changed / "datasets/persons.yaml")
    registry, this = load_valid_registry(trial.root / "workspace"), new_run()
    context = RunContext(registry, trial.lake, trial.ledger, this, run_variables(registry, this, trial.given))
    with open_changed(str(changed), trial.root / "workspace") as declarations:
        (found,) = run_trial(context, "changed", declarations, TrialOptions()).datasets
    return found


def test_no_identifier_is_in_plain_in_landing_raw_or_scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, new_key())
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "scratch").mkdir()
    for form in FORMS:
        trial = open_register(tmp_path / form, form)
        deliver(trial, f"a.{form}", *PERSONS)
        assert trial.run().exit_code == 0
        assert trial.standard(REGISTER).height + trial.quarantine(REGISTER).height == len(PERSONS)
        assert files_with(trial.root / "in", PLANTED)
        for zone in ("landing", "raw"):
            assert list((trial.root / "lake" / zone).rglob("*.*"))
            assert files_with(trial.root / "lake" / zone, PLANTED) == {}
    assert files_with(tmp_path / "scratch", PLANTED) == {}


@pytest.mark.parametrize("lake_of", FORMS, indirect=True)
def test_a_replay_needs_the_key_and_leaves_one_row(lake_of: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    before = lake_of.standard(REGISTER).drop("_batch").sort("_row")
    batch = lake_of.standard(REGISTER)["_batch"][0]
    assert lake_of.replay(REGISTER, batch=batch).status == "committed"
    assert lake_of.standard(REGISTER).drop("_batch").sort("_row").equals(before)
    assert accesses(lake_of) == [("replay", "ok")]
    request = lake_of.ledger.read(accesses_table.TABLE)["request"][0]
    assert request == lake_of.receipts(REGISTER)[0]["id"]

    monkeypatch.delenv(VARIABLE)
    failed = lake_of.replay(REGISTER, batch=lake_of.standard(REGISTER)["_batch"][0])
    assert [problem.code for problem in failed.problems] == ["KEY_UNSET"]
    assert accesses(lake_of)[1:] == [("replay", "KEY_UNSET")]


def test_a_rebuild_of_damaged_rows_needs_the_key_and_leaves_one_row(
    lake_of: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = lake_of.standard(REGISTER).drop("_batch").sort("_row")
    for path in (lake_of.root / "lake/standard" / REGISTER).glob("*.parquet"):
        path.write_bytes(path.read_bytes()[:-9] + b"damagedXX")
    key = os.environ[VARIABLE]
    monkeypatch.delenv(VARIABLE)
    failed = lake_of.replay(REGISTER, damaged=find_damaged_files(lake_of.ledger, REGISTER))
    assert [problem.code for problem in failed.problems] == ["KEY_UNSET"]
    monkeypatch.setenv(VARIABLE, key)
    assert lake_of.replay(REGISTER, damaged=find_damaged_files(lake_of.ledger, REGISTER)).status == "committed"
    assert lake_of.standard(REGISTER).drop("_batch").sort("_row").equals(before)
    assert accesses(lake_of) == [("rebuild", "KEY_UNSET"), ("rebuild", "ok")]


@RAW
def test_a_trace_to_the_source_needs_the_key_and_leaves_one_row(
    lake_of: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert list(source_row(lake_of).values()) == list(PERSONS[0])
    monkeypatch.delenv(VARIABLE)
    with pytest.raises(CitylakeError, match="not set") as raised:
        source_row(lake_of)
    assert raised.value.code == "KEY_UNSET"
    assert accesses(lake_of) == [("trace", "ok"), ("trace", "KEY_UNSET")]


def test_a_trial_needs_the_key_and_leaves_one_row(lake_of: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    found = try_change(lake_of)
    assert (found.status, found.difference.moves_rows) == ("compared", True)
    monkeypatch.delenv(VARIABLE)
    refused = try_change(lake_of)
    assert ([problem.code for problem in refused.problems_changed], refused.worse) == (["KEY_UNSET"], True)
    assert accesses(lake_of) == [("trial", "ok"), ("trial", "KEY_UNSET")]
    assert files_with(lake_of.root / "lake/landing", PLANTED) == {}


def test_without_the_key_nothing_is_pulled_and_other_datasets_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = open_register(tmp_path)
    deliver(trial, "a.csv", *PERSONS)
    (tmp_path / "devices").mkdir()
    (tmp_path / "devices/d.csv").write_text("device\nD1\n", "utf-8")
    trial.declare("datasets/devices", device_counts("traffic.devices", str(tmp_path / "devices/*.csv")))
    monkeypatch.delenv(VARIABLE, raising=False)
    outcome = trial.run()
    assert [each["code"] for each in trial.dataset(outcome, REGISTER)["problems"]] == ["KEY_UNSET"]
    assert trial.dataset(outcome, "traffic.devices")["status"] == "committed"
    assert trial.receipts(REGISTER) == []
    assert not (tmp_path / "lake/landing" / REGISTER).exists()
    monkeypatch.setenv(VARIABLE, new_key())
    assert trial.run().exit_code == 0


def test_a_wrong_key_is_told_by_the_public_keys_that_were_tried(
    lake_of: Trial, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, other := new_key())
    with pytest.raises(CitylakeError) as raised:
        source_row(lake_of)
    assert raised.value.code == "SEAL_KEY_WRONG"
    assert str(pyrage.x25519.Identity.from_str(other).to_public()) in str(raised.value.problem.values["tried"])
    assert accesses(lake_of) == [("trace", "SEAL_KEY_WRONG")]


def test_verify_checks_sealed_files_with_and_without_the_key(lake_of: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    key = os.environ[VARIABLE]
    assert findings(lake_of) == []
    monkeypatch.delenv(VARIABLE)
    assert findings(lake_of) == []
    (landed,) = (lake_of.root / "lake/landing").rglob("*.age")
    body = landed.read_bytes()
    landed.write_bytes(body[:-1] + bytes([body[-1] ^ 1]))
    assert findings(lake_of) == ["VERIFY_LANDING_DAMAGED"]
    monkeypatch.setenv(VARIABLE, key)
    assert set(findings(lake_of)) == {"VERIFY_LANDING_DAMAGED"}
    read_again = lake_of.replay(REGISTER, batch=lake_of.standard(REGISTER)["_batch"][0])
    assert read_again.problems[0].code == "LANDING_CHANGED"


@RAW
def test_tampered_raw_text_is_reported(lake_of: Trial) -> None:
    for sealed in (lake_of.root / "lake/raw").rglob("*.age"):
        sealed.write_bytes(sealed.read_bytes()[:-20])
        with pytest.raises(CitylakeError) as raised:
            source_row(lake_of)
        assert raised.value.code == "SEALED_DAMAGED"
        assert findings(lake_of) == ["VERIFY_RAW_DAMAGED"]
