"""A forgotten person is in no file of the lake, does not come back, and everything about others stays."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.cli import main
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import accesses_table, acts_table, forgotten_table, removals_table
from citylake.pipelines.lake.sealed_file import seal_file
from citylake.pipelines.upkeep.backup.restore_backup import restore_lake
from citylake.pipelines.upkeep.backup.take_backup import back_up_lake
from citylake.pipelines.upkeep.privacy import forget_person
from citylake.pipelines.upkeep.privacy.search_lake import search_lake
from citylake.pipelines.upkeep.verify.verify_lake import LakeVerification
from citylake.pipelines.upkeep.verify.verify_options import VerifyOptions
from tests.sealed import PERSONS, REGISTER, VARIABLE, deliver, open_register
from tests.trial import Trial

WHO, OTHERS = PERSONS[0], PERSONS[1:]
MART: dict[str, Any] = {
    "mart": "people",
    "title": {"zh": "人", "en": "people"},
    "audience": {"zh": "分析", "en": "analysts"},
    "highest": {"grade": "L2", "openness": "conditional", "personal": "ordinary"},
    "tables": {
        "licences": {
            "title": {"zh": "许可", "en": "licences"},
            "grain": ["licence_no"],
            "columns": {"licence_no": {"element": "service.licence_no"}, "who": {"element": "person.token"}},
        }
    },
}
SQL = f"SELECT licence_no, id_number AS who FROM {REGISTER}"


class KilledError(BaseException):
    """Nothing catches it, as nothing catches a power cut."""


def forget(trial: Trial, *words: str, why: str = "request 7") -> int:
    found = ["--workspace", str(trial.root / "workspace"), "--lake", trial.lake.url, "forget", *words, "--why", why]
    return main(found)


def token_of(trial: Trial, licence: str) -> str:
    return str(trial.standard(REGISTER).filter(pl.col("licence_no") == licence)["id_number"][0])


def findings(trial: Trial) -> list[str]:
    return [str(each.as_dict()) for each in LakeVerification(trial.ledger, VerifyOptions(deep=True)).findings()]


@pytest.fixture(params=["csv"])
def people(request: pytest.FixtureRequest, tmp_path: Path) -> Trial:
    """Two deliveries, a quarantined row, and a mart with tokens."""
    trial = open_register(tmp_path, request.param)
    trial.declare("marts/people/mart", MART)
    (trial.root / "workspace/marts/people/licences.sql").write_text(SQL, "utf-8")
    deliver(trial, f"a.{request.param}", *PERSONS)
    assert trial.run().exit_code == 0
    deliver(trial, f"b.{request.param}", (WHO[0], WHO[1], "no number", "A-9"), (*OTHERS[0][:3], "A-8"))
    assert trial.run().exit_code == 0
    return trial


def test_a_forgotten_person_is_in_no_file_and_does_not_return(
    people: Trial, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token, before = token_of(people, "A-1"), people.standard(REGISTER)
    texts = [token, WHO[0]]
    assert len(search_lake(people.lake, texts).found) > 3
    refused = people.refused(REGISTER)
    assert forget(people, token) == 0, capsys.readouterr().out
    assert "found in none" in capsys.readouterr().out
    assert search_lake(people.lake, texts).found == []

    kept = before.filter(pl.col("id_number") != token)
    assert people.standard(REGISTER).sort("_receipt", "_row").equals(kept.sort("_receipt", "_row"))
    others = refused.filter(~pl.col("raw").str.contains(WHO[0]))
    assert people.refused(REGISTER).height == others.height < refused.height
    assert findings(people) == []

    for batch in people.standard(REGISTER)["_batch"].unique():
        assert people.replay(REGISTER, batch=batch).status == "committed"
    again = people.standard(REGISTER).drop("_batch").sort("_receipt", "_row")
    assert again.equals(kept.drop("_batch").sort("_receipt", "_row"))
    name = people.receipts(REGISTER)[0]["name"].replace("a.", "c.")
    deliver(people, name, WHO, ("110105194912310021", "周强", "13600136004", "A-7"))
    outcome = people.run()
    told = people.dataset(outcome, REGISTER)
    assert "ROWS_FORGOTTEN" in [each["code"] for each in told["problems"]]
    assert token not in people.standard(REGISTER)["id_number"].to_list()

    places = ["--workspace", str(people.root / "workspace"), "--lake", people.lake.url]
    assert main([*places, "keys", "check"]) == 0
    assert "forgotten" not in capsys.readouterr().out
    monkeypatch.setenv("CITYLAKE_KEY_TOKENS", "another-key-" * 4)
    assert main([*places, "keys", "check"]) == 1
    assert "1 persons were forgotten under another key" in capsys.readouterr().out


@pytest.mark.parametrize("people", ["json"], indirect=True)
def test_an_interrupted_forget_goes_on_and_is_on_record(
    people: Trial, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the identifier on standard input: it is neither in the arguments nor in the output or the ledger."""

    def killed(*_: object) -> None:
        raise KilledError

    for step in ("forget_standard_rows", "forget_history", "rebuild_marts", "search_lake"):
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{WHO[0]}\n"))
        with monkeypatch.context() as broken:
            broken.setattr(forget_person, step, killed)
            with pytest.raises(KilledError):
                forget(people, "--value")
    before = Lake(str(people.root / "before"))
    identity = back_up_lake(people.lake, before).id
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{WHO[0]}\n"))
    capsys.readouterr()
    assert forget(people, "--value", "--json", "--backup", before.url) == 0
    told = json.loads(capsys.readouterr().out)["persons"]
    assert [(each["found"], each["backups"]) for each in told] == [([], [f"{before.url}: {identity}"])] * 2
    assert search_lake(people.lake, [WHO[0]]).found == []
    assert findings(people) == []
    ledger = people.ledger
    assert ledger.read(forgotten_table.TABLE)["digest"].is_unique().all()
    assert set(ledger.read(acts_table.TABLE).select("act", "why").iter_rows()) == {("forget_person", "request 7")}
    assert set(ledger.read(accesses_table.TABLE)["access"]) == {"forget"}
    assert set(ledger.read(removals_table.TABLE)["zone"]) == {"landing", "marts"}
    place, there = Lake(str(people.root / "backup")), Lake(str(people.root / "there"))
    assert not back_up_lake(people.lake, place).damaged
    restore_lake(place, there)
    assert search_lake(there, [WHO[0]]).found == []


def test_what_is_missing_is_said_before_anything_changes(
    people: Trial, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    token = token_of(people, "A-1")
    before = {path for path in (people.root / "lake").rglob("*.parquet") if "ledger" not in path.parts}
    assert forget(people) == 1
    assert forget(people, token, why=" ") == 1
    assert forget(people, "t1.aaaaaa.aaaaaaaaaaaaaaaaaaaaaaaa") == 1
    monkeypatch.delenv(VARIABLE)
    assert forget(people, token) == 2
    told = capsys.readouterr().err
    assert [word in told for word in ("--value", "--why", "not a token of the key", VARIABLE)] == [True] * 4
    assert {path for path in (people.root / "lake").rglob("*.parquet") if "ledger" not in path.parts} == before
    assert people.ledger.read(accesses_table.TABLE).select("access", "outcome").rows() == [("forget", "KEY_UNSET")]
    assert people.ledger.read(forgotten_table.TABLE).is_empty()


def test_the_search_looks_into_what_hides_a_text(tmp_path: Path) -> None:
    lake, text = Lake(str(tmp_path / "lake")), "11010519491231002X"
    folder = tmp_path / "lake/landing/a.b"
    folder.mkdir(parents=True)
    frame = pl.DataFrame({"n": [text]})
    with zipfile.ZipFile(folder / "book.xlsx", "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/shared.xml", f"<t>{text}</t>" * 9)
    (folder / "a.csv.gz").write_bytes(gzip.compress(text.encode()))
    (folder / "wide.csv").write_bytes(("\n" * ((1 << 19) - 5) + text).encode("utf-16-le"))
    frame.select(pl.struct("n"), pl.col("n").implode().alias("list")).write_parquet(folder / "nested.parquet")
    frame.write_parquet(tmp_path / "plain.parquet")
    seal_file(lake, tmp_path / "plain.parquet", f"{lake.url}/landing/a.b/part.parquet.age")
    seal_file(lake, folder / "a.csv.gz", f"{lake.url}/landing/a.b/b.csv.gz.landed.age")
    seal_file(lake, folder / "book.xlsx", f"{lake.url}/landing/a.b/book.xlsx.landed.age")
    (folder / "other.csv").write_text("11010519491231003X", "utf-8")
    found = search_lake(lake, [text])
    assert {Path(path).name for path in found.found} == {each.name for each in folder.iterdir()} - {"other.csv"}
    assert (found.files, found.unopened) == (8, [])


def test_the_search_names_what_it_could_not_open(tmp_path: Path) -> None:
    lake, text = Lake(str(tmp_path / "lake")), "11010519491231002X"
    folder = tmp_path / "lake/landing/a.b"
    folder.mkdir(parents=True)
    packed = gzip.compress(text.encode() * 99)
    (folder / "cut.gz").write_bytes(packed[:-12])
    (folder / "cut.zip").write_bytes(b"PK\x03\x04 and no more")
    (folder / "cut.parquet").write_bytes(b"PAR1 and no more")
    (folder / "cut.duckdb").write_bytes(b"no database")
    with zipfile.ZipFile(folder / "twice.zip", "w") as outer:
        outer.writestr("inner.csv.gz", packed)
    found = search_lake(lake, ["another text"])
    assert {Path(path).name for path in found.unopened} == {each.name for each in folder.iterdir()}
    assert (found.files, found.found) == (0, [])
