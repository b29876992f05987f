"""A rebuild opens sealed bytes with the key and on record, and brings no forgotten person back."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pyrage
import pytest

from citylake.pipelines.cli import main
from citylake.pipelines.lake.ledger import accesses_table
from tests.pipelines.upkeep.privacy.test_forget import MART, SQL, WHO, forget, token_of
from tests.random_history import table_rows
from tests.sealed import PERSONS, REGISTER, VARIABLE, deliver, open_register
from tests.trial import Trial


@pytest.fixture
def people(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    """A published register, sealed; the number of the third person is refused."""
    monkeypatch.setenv("CITYLAKE_LANG", "en")
    trial = open_register(tmp_path)
    trial.declare("marts/people/mart", MART)
    (trial.root / "workspace/marts/people/licences.sql").write_text(SQL, "utf-8")
    deliver(trial, "a.csv", *PERSONS)
    assert trial.run().exit_code == 0
    return trial


def rebuild(trial: Trial, at: datetime, name: str, *more: str) -> int:
    places = ["--workspace", str(trial.root / "workspace"), "--lake", trial.lake.url]
    words = ["rebuild", "people", "--as-of", at.isoformat(), "--output", str(trial.root / name), *more]
    return main([*places, *words])


def accesses(trial: Trial) -> list[tuple[str, str, str]]:
    rows = trial.ledger.read(accesses_table.TABLE).filter(access="as_of")
    return list(rows.select("subject", "outcome", "why").iter_rows())


def test_the_key_is_needed_and_the_access_is_on_record(
    people: Trial, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    at = datetime.now(UTC)
    assert rebuild(people, at, "with.duckdb", "--why", "request 12") == 0
    assert accesses(people) == [(REGISTER, "ok", "request 12")]
    assert len(table_rows(people.root / "with.duckdb", "licences")) == 2
    monkeypatch.setenv(VARIABLE, str(pyrage.x25519.Identity.generate()))
    assert rebuild(people, at, "wrong.duckdb") == 3
    monkeypatch.delenv(VARIABLE)
    assert rebuild(people, at, "without.duckdb") == 2
    assert "CITYLAKE_KEY_SEAL" in capsys.readouterr().err
    assert accesses(people)[-1] == (REGISTER, "KEY_UNSET", "")
    assert sorted(path.name for path in people.root.glob("*.duckdb")) == ["with.duckdb"]


def test_a_forgotten_person_stays_forgotten_and_the_result_says_so(
    people: Trial, capsys: pytest.CaptureFixture[str]
) -> None:
    at, token = datetime.now(UTC), token_of(people, "A-1")
    assert forget(people, token) == 0
    capsys.readouterr()
    assert rebuild(people, at, "after.duckdb", "--json") == 2
    told = json.loads(capsys.readouterr().out)
    codes = [problem["code"] for problem in told["problems"]]
    assert "REBUILD_WITHOUT_FORGOTTEN" in codes
    assert [row[0] for row in table_rows(people.root / "after.duckdb", "licences")] == ["A-2"]
    body = (people.root / "after.duckdb").read_bytes()
    assert token.encode() not in body
    assert WHO[0].encode() not in body
