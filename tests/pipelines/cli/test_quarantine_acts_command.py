"""``citylake quarantine export|correct|release|discard|reopen`` and ``citylake acts``: exit codes and next commands."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from citylake.pipelines.cli import main
from tests.kept_folder import KeptFolder
from tests.pipelines.acts.people import DATASET, DEPARTMENT, Bureau

ROWS = (("1", "东城", "1234", "5", "ok"), ("2", "待核实", "1234", "5", "x"), ("5", "东城", "1234", "7000", "y"))


class Desk(Bureau):
    """The department's lake by the command line."""

    capsys: pytest.CaptureFixture[str]

    def call(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of a command."""
        code = main(["--workspace", str(self.root / "city"), "--lake", str(self.root / "lake"), *arguments])
        said = self.capsys.readouterr()
        return code, said.out, said.err

    def json(self, *arguments: str) -> tuple[int, Any]:
        """Exit code and document of a command."""
        code, out, _ = self.call(*arguments, "--json")
        return code, json.loads(out)


@pytest.fixture
def desk(kept: KeptFolder, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    monkeypatch.setenv("CITYLAKE_USER", "li")
    monkeypatch.setenv("CITYLAKE_LANG", "en")
    kept.restore(lambda: Desk(kept.root).deliver(ROWS))
    found = Desk(kept.root)
    object.__setattr__(found, "capsys", capsys)
    return found


def _filled(desk: Desk, value: str) -> Path:
    code, told = desk.json("quarantine", "export", "--format", "yaml", "--out", str(desk.root / "out"))
    assert code == 0
    file = Path(told["exports"][0]["files"][0])
    document = yaml.safe_load(file.read_text("utf-8"))
    for line in document["corrections"]:
        line["correct_value"] = {"区域": value, "等候": "70"}[line["field"]]
    file.write_text(yaml.safe_dump(document, allow_unicode=True), "utf-8")
    return file


def test_an_export_names_its_file_and_the_command_that_takes_it_back(desk: Desk) -> None:
    code, out, _ = desk.call("quarantine", "export", "--out", str(desk.root / "out"), "--department", DEPARTMENT)
    (file,) = (desk.root / "out").iterdir()
    assert code == 0
    assert str(file) in out
    assert f"Next: citylake quarantine correct {file}" in out


def test_the_commands_that_are_named_next_bring_the_rows_back(desk: Desk) -> None:
    code, out, _ = desk.call("quarantine", "correct", str(_filled(desk, "990106")))
    assert code == 0
    (command,) = (line.partition("citylake ")[2] for line in out.splitlines() if line.startswith("Next: "))
    assert command == f"replay {DATASET} --quarantine"
    assert desk.call(*command.split())[0] == 0
    assert desk.standard() == [
        ("1", "990101", "1234", 5.0), ("2", "990106", "1234", 5.0), ("5", "990101", "1234", 70.0),
    ]  # fmt: skip


def test_a_refused_line_is_named_with_its_place_and_the_exit_code_is_2(desk: Desk) -> None:
    file = _filled(desk, "990199")
    code, out, err = desk.call("quarantine", "correct", str(file))
    assert code == 2
    assert "1 corrections of 1 rows recorded" in out
    assert "line 2, correct_value: The correct value of field" in err
    code, told = desk.json("quarantine", "correct", str(file))
    (entry,) = told["datasets"]
    assert (code, entry["already"], entry["refused"][0]["code"]) == (2, 1, "CORRECTION_STILL_REFUSED")


def test_saved_corrections_are_recorded_in_a_lake_that_does_not_have_them(desk: Desk) -> None:
    assert desk.call("quarantine", "correct", str(_filled(desk, "990106")), "--save")[0] == 0
    (file,) = (desk.root / "city/corrections").iterdir()
    code, told = desk.json("quarantine", "correct", "--all")
    assert (code, told["datasets"]) == (0, []), "the lake has them"
    saved = file.read_text("utf-8")
    file.write_text(saved.replace("'70'", "'71'"), "utf-8")
    code, told = desk.json("quarantine", "correct", "--all")
    # The file was written for the value that stood there before.
    assert (code, told["datasets"][0]["refused"][0]["code"]) == (2, "CORRECTION_VALUE_OTHER")


def test_the_change_of_a_contract_is_printed_with_file_and_line(desk: Desk) -> None:
    meaning = ("--dataset", DATASET, "--field", "区域", "--value", "待核实", "--means", "990106")
    code, out, _ = desk.call("quarantine", "correct", *meaning)
    assert code == 0
    assert "visits.yaml:7" in out
    assert "codes: {待核实: '990106'}" in out
    code, told = desk.json(
        "quarantine", "correct", "--dataset", DATASET, "--field", "等候", "--value", "7000", "--means", "70"
    )
    assert (code, told["outcome"], told["rows"]) == (0, "recorded", 1)


def test_a_release_refuses_what_no_release_can_pass(desk: Desk) -> None:
    code, out, err = desk.call("quarantine", "release", "--dataset", DATASET, "--why", "seen", "--dry-run")
    assert code == 2
    assert out.startswith("Dry run, nothing recorded:")
    assert "CODE_UNKNOWN" in err
    ids = desk.ids()
    assert desk.call("quarantine", "release", ids["5"], "--why", "seen")[0] == 0
    assert desk.call("quarantine", "discard", ids["2"], "--why", "a test entry")[0] == 0
    assert desk.states() == {"2": "discarded", "5": "released"}
    code, told = desk.json("quarantine", "discard", ids["2"], "--why", "a test entry")
    assert (code, told["datasets"][0]["already"]) == (0, 1)
    assert desk.call("quarantine", "reopen", ids["2"], "--why", "wrong row")[0] == 0
    assert desk.states()["2"] == "open"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("release", "--dataset", DATASET), "--why"),
        (("discard", "--why", "x"), "--dataset"),
        (("discard", "--state", "opened", "--why", "x"), "opened"),
        (("export", "--format", "ods"), "ods"),
        (("export", "--department", "水务局"), DEPARTMENT),
        (("correct",), "--means"),
        (("correct", "--dataset", DATASET, "--field", "等候"), "--means"),
    ],
)
def test_wrong_usage_is_explained_and_changes_nothing(desk: Desk, arguments: tuple[str, ...], words: str) -> None:
    code, _, err = desk.call("quarantine", *arguments)
    assert code == 1
    assert words in err
    assert desk.acts().is_empty()


def test_acts_are_listed_and_counted_by_day(desk: Desk) -> None:
    ids = desk.ids()
    desk.call("quarantine", "discard", ids["2"], "--why", "a test entry")
    desk.call("quarantine", "release", ids["5"], "--why", "seen", "--user", "wang")
    code, told = desk.json("acts")
    assert code == 0
    assert [(act["act"], act["user"], act["why"]) for act in told["acts"]] == [
        ("discard_rows", "li", "a test entry"), ("release_rows", "wang", "seen"),
    ]  # fmt: skip
    code, out, _ = desk.call("acts", "--digest")
    assert [line.strip() for line in out.splitlines()[1:]] == [
        f"{DEPARTMENT}:", "rows discarded: li, 1 times, 1 rows", "rows released: wang, 1 times, 1 rows",
    ]  # fmt: skip
    assert "2020-01-01" in desk.call("acts", "--digest", "--day", "2020-01-01")[1]
    assert desk.json("acts", "--day", "2020-01-01")[1] == {"acts": []}
    assert "a test entry" in desk.call("acts")[1]
