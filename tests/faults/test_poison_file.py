"""A file that ends the process which reads it is held by its name: the next file and the next dataset are read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from tests.declared import declare_packs, device_counts

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


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A workspace with two datasets, and a package whose format crashes as a library in C does."""
    package = tmp_path / "package"
    (package / "fragile-1.0.dist-info").mkdir(parents=True)
    (package / "fragile-1.0.dist-info/METADATA").write_text("Metadata-Version: 2.1\nName: fragile\nVersion: 1.0\n")
    entry = "[citylake.formats]\nfragile = fragile_format:Fragile\n"
    (package / "fragile-1.0.dist-info/entry_points.txt").write_text(entry, "utf-8")
    (package / "fragile_format.py").write_text(textwrap.dedent(FORMAT), "utf-8")
    declare_packs(tmp_path / "workspace")
    (tmp_path / "workspace/datasets").mkdir()
    for dataset in (POISON, OTHER):
        folder = tmp_path / "in" / dataset
        folder.mkdir(parents=True)
        (folder / "good.txt").write_text(f"{dataset}-1", "utf-8")
        declaration = device_counts(dataset, f"${{WORKSPACE}}/../in/{dataset}/*.txt", "fragile")
        text = yaml.safe_dump(declaration, allow_unicode=True)
        (tmp_path / f"workspace/datasets/{dataset}.yaml").write_text(text, "utf-8")
    return tmp_path


def citylake(root: Path, *words: str) -> tuple[int, dict[str, Any]]:
    command = [sys.executable, "-m", "citylake.pipelines.cli", "--workspace", str(root / "workspace")]
    environment = {**os.environ, "PYTHONPATH": str(root / "package")}
    environment.pop("PYTHONFAULTHANDLER", None)
    done = subprocess.run(
        [*command, "--lake", str(root / "lake"), *words], env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, json.loads(done.stdout) if done.stdout.startswith("{") else {}


def devices(root: Path, dataset: str) -> list[str]:
    return sorted(pl.read_delta(str(root / "lake/standard" / dataset))["device_code"])


@pytest.mark.parametrize(("fault", "name", "deaths"), [("crash", "SIGSEGV", 1), ("kill", "SIGKILL", 2)])
def test_a_poison_file_is_held_by_name_and_the_rest_goes_on(root: Path, fault: str, name: str, deaths: int) -> None:
    poison = root / "in" / POISON / "bad.txt"
    poison.write_text(fault, "utf-8")
    for _ in range(deaths):
        assert citylake(root, "run", "--json")[0] < 0
    code, told = citylake(root, "run", "--json")
    assert code == 2
    assert devices(root, POISON) == [f"{POISON}-1"]
    assert devices(root, OTHER) == [f"{OTHER}-1"]
    problems = [problem for entry in told["datasets"] for problem in entry["problems"]]
    assert [problem["code"] for problem in problems] == ["PROCESS_ABORTED"]
    assert "bad.txt" in problems[0]["text"]["zh"]
    assert name in problems[0]["text"]["en"]
    (root / "in" / POISON / "later.txt").write_text("L2", "utf-8")
    assert citylake(root, "run", "--json")[0] == 2
    assert devices(root, POISON) == ["L2", f"{POISON}-1"]
    poison.unlink()
    assert citylake(root, "run", "--json")[0] == 0
    assert not list((root / "lake/working").glob("*/*"))


def test_a_held_file_is_tried_again_when_a_person_says_so(root: Path) -> None:
    (root / "in" / POISON / "bad.txt").write_text("abort", "utf-8")
    assert [citylake(root, "run", "--json")[0] for _ in range(2)] == [-6, 2]
    assert citylake(root, "state", "retry", POISON)[0] == 0
    assert [citylake(root, "run", "--json")[0] for _ in range(2)] == [-6, 2]
