"""Reading every declaration is quick and brings in no engine: every command and every DAG does it."""

from __future__ import annotations

import os
import subprocess
import sys

from tests.call_count import count_calls
from tests.declared import ALL_PACKS

HEAVY = ("polars", "duckdb", "pyarrow", "pandas", "deltalake", "great_expectations", "sqlglot", "numpy")
LOAD = f"""
import citylake.schemas.read.registry, pathlib
assert len(citylake.schemas.read.registry.load_registry(pathlib.Path({str(ALL_PACKS)!r})).elements) >= 150
"""
LIBRARY = "import pydantic; pydantic.BaseModel, pydantic.TypeAdapter"


def test_loading_imports_no_engine() -> None:
    script = f"{LOAD}\nimport sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], env=os.environ, check=True, capture_output=True, text=True)
    assert {name.split(".")[0] for name in done.stdout.split()} & set(HEAVY) == set()


def test_loading_takes_less_than_eight_times_what_its_library_does() -> None:
    assert count_calls(LOAD) < 8 * count_calls(LIBRARY)
