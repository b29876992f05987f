"""``citylake export``, ``import`` and ``elements import``: what people and programs are told, and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from citylake.pipelines.cli import main
from citylake.schemas.lint import lint_errors
from citylake.schemas.read.registry import load_registry
from tests.small_workspace import write_small_workspace


class Shell:
    """Runs commands on a workspace of its own."""

    def __init__(self, root: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.root, self._capsys = root, capsys

    def run(self, *words: str) -> tuple[int, str, str]:
        """Exit code, standard output and standard error of a command."""
        self._capsys.readouterr()
        code = main(["--workspace", str(self.root), "--lake", str(self.root / "lake"), *words])
        return code, *self._capsys.readouterr()


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(write_small_workspace(tmp_path / "city"), capsys)


def test_a_contract_goes_out_and_comes_back_into_another_workspace(shell: Shell, tmp_path: Path) -> None:
    code, out, _ = shell.run("export", "odcs", "--output", str(tmp_path / "out"), "--json")
    assert code == 0
    files = [Path(file).name for file in json.loads(out)["files"]]
    assert files == ["air.readings.odcs.yaml", "air.odcs.yaml"]
    contract = shell.root / "datasets/air/readings.yaml"
    own = load_registry(shell.root).contracts["air.readings"]
    contract.unlink()
    document = str(tmp_path / "out/air.readings.odcs.yaml")
    for command in ("import", "onboard"):
        code, out, _ = shell.run(command, document)
        assert (code, out.splitlines()[0]) == (0, "dataset: air.readings")
    assert shell.run("import", document, "--write")[0] == 0
    registry = load_registry(shell.root)
    assert registry.contracts["air.readings"] == own
    assert lint_errors(registry) == []
    code, _, error = shell.run("import", document, "--write")
    assert (code, "exists" in error) == (1, True)


def test_what_is_left_out_is_named(shell: Shell, tmp_path: Path) -> None:
    elements = shell.root / "elements/air.yaml"
    text = elements.read_text(encoding="utf-8")
    elements.write_text(text + "  sensitivity: {grade: L3}\n", encoding="utf-8")
    assert shell.run("run", "--dataset", "air.readings", "--no-report")[0] in (0, 2)
    words = ("export", "csvw", "--dataset", "air.readings", "--output", str(tmp_path / "out"))
    code, out, error = shell.run(*words, "--json")
    assert (code, json.loads(out)["left_out"]) == (0, {"air.readings": ["pm25_ugm3"]})
    assert "air.readings: left out" in error
    heading = (tmp_path / "out/air.readings.csv").read_text(encoding="utf-8").splitlines()[0]
    assert heading == "station_code,hour_start"
    code, out, _ = shell.run(*words, "--to", "市公安局", "--highest", "L3/open/none", "--json")
    assert (code, json.loads(out)["left_out"]) == (0, {})


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("export", "parquet", "--output", "out"), "EXPORT_NOTHING_CHOSEN"),
        (("export", "parquet", "--output", "out", "--mart", "airs"), "MART_UNKNOWN"),
        (("export", "parquet", "--output", "out", "--dataset", "no.such"), "DATASET_UNKNOWN"),
        (("export", "csvw", "--output", "out", "--mart", "air", "--dataset", "air.readings"), "EXPORT_ONE_MART"),
        (("export", "csvw", "--output", "out", "--mart", "air", "--agreement", "x"), "EXPORT_WITHOUT_RECEIVER"),
        (
            ("export", "csvw", "--output", "out", "--mart", "air", "--to", "x", "--highest", "L3"),
            "EXPORT_LEVEL_UNREADABLE",
        ),
        (("elements", "export", "elements.txt"), "OPTION_UNKNOWN"),
        (("elements", "import", "no.csv"), "ELEMENTS_UNREADABLE"),
        (("import", "no.yaml"), "IMPORT_UNREADABLE"),
    ],
)
def test_a_wrong_command_says_what_is_wrong(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: str
) -> None:
    monkeypatch.chdir(shell.root)
    (shell.root / "lake").mkdir()
    exit_code, out, _ = shell.run(*words, "--json") if "elements.txt" not in words else shell.run(*words)
    assert exit_code == 1
    assert code in out or "elements.txt" in words
    assert not (shell.root / "out").exists()


def test_a_dry_run_writes_no_element(shell: Shell, tmp_path: Path) -> None:
    table = tmp_path / "elements.csv"
    assert shell.run("elements", "export", str(table), "--subject", "air")[0] == 0
    (shell.root / "elements/air.yaml").rename(tmp_path / "air.yaml")
    code, out, _ = shell.run("elements", "import", str(table), "--dry-run", "--json")
    assert (code, json.loads(out)["new"]) == (0, ["air.pm25"])
    assert not (shell.root / "elements/air.yaml").exists()
    assert shell.run("elements", "import", str(table), "--output", str(tmp_path / "own"))[0] == 0
    assert "air.pm25" in (tmp_path / "own/air.yaml").read_text(encoding="utf-8")
