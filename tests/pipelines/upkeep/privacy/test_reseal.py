"""Keys rotate without a gap: sealed files open by old keys, and are sealed for today's by one command."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from citylake.pipelines.cli import main
from citylake.pipelines.lake.ledger import accesses_table
from citylake.pipelines.read.source_row import read_source_row
from citylake.pipelines.upkeep.verify.verify_lake import LakeVerification
from citylake.pipelines.upkeep.verify.verify_options import VerifyOptions
from citylake.schemas.words.errors import CitylakeError
from tests.sealed import PERSONS, PLANTED, REGISTER, VARIABLE, deliver, files_with, new_key, open_register
from tests.trial import Trial


def command(trial: Trial, *words: str) -> int:
    return main(["--workspace", str(trial.root / "workspace"), "--lake", trial.lake.url, *words])


def first_source(trial: Trial) -> list[str | None]:
    receipt, row = trial.standard(REGISTER).sort("_row").select("_receipt", "_row").row(0)
    return list(read_source_row(trial.lake, receipt, row).values())


def sound(trial: Trial) -> bool:
    return not list(LakeVerification(trial.ledger, VerifyOptions(deep=True)).findings())


@pytest.mark.parametrize("form", ["csv", "json"])
def test_plain_files_of_before_are_told_sealed_and_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    trial = open_register(tmp_path, form, seal=False)
    deliver(trial, f"a.{form}", *PERSONS)
    assert trial.run().exit_code == 0
    zones = [tmp_path / "lake/landing", tmp_path / "lake/raw"]
    assert any(files_with(zone, PLANTED) for zone in zones)

    again = open_register(tmp_path / "again", form)
    os.replace(again.root / "workspace/datasets/persons.yaml", tmp_path / "workspace/datasets/persons.yaml")
    monkeypatch.setenv(VARIABLE, new_key())
    assert first_source(trial) == list(PERSONS[0])
    capsys.readouterr()
    assert command(trial, "status") == 0
    assert "citylake keys reseal" in capsys.readouterr().out
    assert command(trial, "keys", "reseal", "--why", "the decree") == 0
    assert not any(files_with(zone, PLANTED) for zone in zones)
    assert first_source(trial) == list(PERSONS[0])
    assert sound(trial)
    assert trial.replay(REGISTER, batch=trial.standard(REGISTER)["_batch"][0]).status == "committed"
    assert sound(trial)
    capsys.readouterr()
    assert command(trial, "status") == 0
    assert "reseal" not in capsys.readouterr().out
    rows = trial.ledger.read(accesses_table.TABLE).select("access", "why").rows()
    assert rows == [("reseal", "the decree"), ("trace", ""), ("replay", "")]


def test_after_a_rotation_old_files_open_and_are_sealed_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    old, now = new_key(), new_key()
    monkeypatch.setenv(VARIABLE, old)
    trial = open_register(tmp_path, "json")
    deliver(trial, "a.json", *PERSONS)
    assert trial.run().exit_code == 0

    monkeypatch.setenv(VARIABLE, now)
    monkeypatch.setenv(f"{VARIABLE}_PREVIOUS", old)
    assert first_source(trial) == list(PERSONS[0])
    assert command(trial, "keys", "reseal") == 0
    assert "2 sealed anew" in capsys.readouterr().out
    monkeypatch.delenv(f"{VARIABLE}_PREVIOUS")
    assert first_source(trial) == list(PERSONS[0])
    assert sound(trial)
    assert command(trial, "keys", "reseal") == 0
    assert "0 sealed anew for today's key, 2 as they were" in capsys.readouterr().out
    monkeypatch.setenv(VARIABLE, old)
    with pytest.raises(CitylakeError) as raised:
        first_source(trial)
    assert raised.value.code == "SEAL_KEY_WRONG"


def test_a_new_key_is_printed_in_the_form_that_the_environment_takes(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["keys", "new", "seal"]) == 0
    name, _, text = capsys.readouterr().out.strip().partition("=")
    monkeypatch.setenv(name, text)
    from citylake.pipelines.lake.seal_keys import seal_keys

    assert (name, str(seal_keys().identities[0])) == (VARIABLE, text)
