"""A file that ends the process which reads it is held by its name: the next file and the next dataset are read."""

from __future__ import annotations

import json
import os
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from tests.declared import declare_packs, device_counts
from tests.forked.commands import ForkedCommands

POISON, OTHER = "traffic.a_poison", "traffic.b_other"
FORMAT = """
    import faulthandler, os, signal
    from typing import Literal
    from citylake import Format, SourceFormat, write_rows

    class FragileFormat(SourceFormat):
        type: Literal["fragile"] = "fragile"

    class Fragile(Format[FragileFormat]):
        format_model = FragileFormat

        def read(self, request, fmt):
            text = request.files[0].read_text("utf-8")
            if text == "crash":
                faulthandler._sigsegv()
            if text == "abort":
                os.abort()
            if text == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            return write_rows(request, [("", 1, {"device": text})])
"""


@dataclass(frozen=True)
class PoisonedCity:
    """Two datasets of the format, of which one may get a file that ends the process."""

    root: Path
    commands: ForkedCommands

    def call(self, *words: str) -> tuple[int, dict[str, Any]]:
        """Run a command: its exit code, negative for a signal, and its document if it printed one."""
        options = ["--workspace", str(self.root / "workspace"), "--lake", str(self.root / "lake")]
        with (self.root / "printed").open("w+", encoding="utf-8") as printed:
            code = self.commands.start([*options, *words], output=printed).wait()
            printed.seek(0)
            said = printed.read()
        return code, json.loads(said) if said.startswith("{") else {}

    def devices(self, dataset: str) -> list[str]:
        return sorted(pl.read_delta(str(self.root / "lake/standard" / dataset))["device_code"])


@pytest.fixture(scope="module")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ForkedCommands]:
    """Commands with an installed package whose format crashes as a library in C does."""
    package = tmp_path_factory.mktemp("package")
    (package / "fragile-1.0.dist-info").mkdir(parents=True)
    (package / "fragile-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: fragile\nVersion: 1.0\n")
    entry = "[citylake.formats]\nfragile = fragile_format:Fragile\n"
    (package / "fragile-1.0.dist-info/entry_points.txt").write_text(entry, "utf-8")
    (package / "fragile_format.py").write_text(textwrap.dedent(FORMAT), "utf-8")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("PYTHONPATH", str(package), prepend=os.pathsep)
        environment.delenv("PYTHONFAULTHANDLER", raising=False)
        commands = ForkedCommands()
        yield commands
        commands.close()


@pytest.fixture
def city(fragile: ForkedCommands, tmp_path: Path) -> PoisonedCity:
    """A workspace with two datasets."""
    declare_packs(tmp_path / "workspace")
    (tmp_path / "workspace/datasets").mkdir()
    for dataset in (POISON, OTHER):
        folder = tmp_path / "in" / dataset
        folder.mkdir(parents=True)
        (folder / "good.txt").write_text(f"{dataset}-1", "utf-8")
        declaration = device_counts(dataset, f"${{WORKSPACE}}/../in/{dataset}/*.txt", "fragile")
        text = yaml.safe_dump(declaration, allow_unicode=True)
        (tmp_path / f"workspace/datasets/{dataset}.yaml").write_text(text, "utf-8")
    return PoisonedCity(tmp_path, fragile)


@pytest.mark.parametrize(("fault", "name", "deaths"), [("crash", "SIGSEGV", 1), ("kill", "SIGKILL", 2)])
def test_a_poison_file_is_held_by_name_and_the_rest_goes_on(
    city: PoisonedCity, fault: str, name: str, deaths: int
) -> None:
    poison = city.root / "in" / POISON / "bad.txt"
    poison.write_text(fault, "utf-8")
    for _ in range(deaths):
        assert city.call("run", "--json")[0] < 0
    code, told = city.call("run", "--json")
    assert code == 2
    assert city.devices(POISON) == [f"{POISON}-1"]
    assert city.devices(OTHER) == [f"{OTHER}-1"]
    problems = [problem for entry in told["datasets"] for problem in entry["problems"]]
    assert [problem["code"] for problem in problems] == ["PROCESS_ABORTED"]
    assert "bad.txt" in problems[0]["text"]["zh"]
    assert name in problems[0]["text"]["en"]
    (city.root / "in" / POISON / "later.txt").write_text("L2", "utf-8")
    assert city.call("run", "--json")[0] == 2
    assert city.devices(POISON) == ["L2", f"{POISON}-1"]
    poison.unlink()
    assert city.call("run", "--json")[0] == 0
    assert not list((city.root / "lake/working").glob("*/*"))


def test_a_held_file_is_tried_again_when_a_person_says_so(city: PoisonedCity) -> None:
    (city.root / "in" / POISON / "bad.txt").write_text("abort", "utf-8")
    assert [city.call("run", "--json")[0] for _ in range(2)] == [-6, 2]
    assert city.call("state", "retry", POISON)[0] == 0
    assert [city.call("run", "--json")[0] for _ in range(2)] == [-6, 2]
