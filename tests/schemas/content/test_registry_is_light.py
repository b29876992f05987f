"""Reading every declaration is quick and brings in no engine: every command and every DAG does it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.declared import ALL_PACKS

HEAVY = ("polars", "duckdb", "pyarrow", "pandas", "deltalake", "great_expectations", "sqlglot", "numpy")
LOAD = f"""
import citylake.schemas.read.registry, pathlib
assert len(citylake.schemas.read.registry.load_registry(pathlib.Path({str(ALL_PACKS)!r})).elements) >= 150
"""
LIBRARY = "import pydantic; pydantic.BaseModel, pydantic.TypeAdapter"
TELL = """
import json, resource, sys
spent = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": spent.ru_utime + spent.ru_stime, "modules": sorted(sys.modules)}))
"""


def test_loading_imports_no_engine(tmp_path: Path) -> None:
    modules = {name.split(".")[0] for name in _run(LOAD + TELL, tmp_path).modules}
    assert modules & set(HEAVY) == set()


def test_loading_takes_less_than_six_times_what_its_library_does(tmp_path: Path) -> None:
    # As a multiple of importing pydantic, in processor time and in turns: other work slows both alike.
    # The first run compiles every module, as an installation does.
    _run(LOAD + TELL, tmp_path)
    turns = [(_run(TELL, tmp_path), _run(LIBRARY + TELL, tmp_path), _run(LOAD + TELL, tmp_path)) for _ in range(5)]
    assert median((load.seconds - bare.seconds) / (library.seconds - bare.seconds) for bare, library, load in turns) < 6


@dataclass(frozen=True)
class _Answer:
    seconds: float
    modules: list[str]


def _run(code: str, compiled: Path) -> _Answer:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"PYTHONPYCACHEPREFIX": str(compiled)},
        check=True,
        capture_output=True,
        text=True,
    )
    return _Answer(**json.loads(answer.stdout))
