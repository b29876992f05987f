"""A workspace of the repository, run against the stand-in city; made once for the tests of a file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from citylake.infra.city.serve.city_server import serve_city
from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.run_pipeline import RunOutcome, run_pipeline
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.read.mart_reader import query_mart
from citylake.schemas.lint.valid_registry import load_valid_registry

WORKSPACES = Path(__file__).parents[2] / "workspaces"
FIRST, LAST = date(2026, 10, 31), date(2026, 11, 1)


@dataclass
class Ran:
    """A lake after two runs of one workspace."""

    workspace: Path
    lake: Lake
    given: dict[str, str]
    outcomes: list[RunOutcome]

    def again(self, datasets: Collection[str] = ()) -> RunOutcome:
        """One more run over the lake for the stand-in's two days, as ``citylake run`` does it."""
        registry, this = load_valid_registry(self.workspace), new_run(FIRST, LAST)
        context = RunContext(registry, self.lake, Ledger(self.lake), this, run_variables(registry, this, self.given))
        self.outcomes.append(run_pipeline(context, datasets))
        return self.outcomes[-1]

    def counts(self, number: int = 0) -> dict[str, tuple[int, int, int]]:
        """Dataset → rows that came, that are new in the table, and that were refused, in the ``number``-th run."""
        return {
            entry["dataset"]: (entry["rows_in"], entry["rows_standard"], entry["rows_quarantined"])
            for entry in self.outcomes[number].document["datasets"]
        }

    def statuses(self, number: int) -> dict[str, str]:
        """Dataset → what became of its batch."""
        return {entry["dataset"]: entry["status"] for entry in self.outcomes[number].document["datasets"]}

    def refused(self) -> dict[str, dict[str, int]]:
        """Dataset → reason → rows, of all that is in quarantine."""
        codes = {name: self._codes(name) for name in self.counts()}
        return {name: dict(found) for name, found in codes.items() if found}

    def _codes(self, dataset: str) -> Counter[str]:
        rows = pl.read_delta(self.lake.quarantine(dataset)) if self.counts()[dataset][2] else None
        return Counter() if rows is None else Counter(code for codes in rows["codes"].to_list() for code in codes)

    def standard(self, dataset: str) -> pl.DataFrame:
        return pl.read_delta(self.lake.standard(dataset))

    def ask(self, sql: str) -> list[dict[str, Any]]:
        """What the common mart says."""
        columns, rows = query_mart(self.lake, "city_pulse", sql)
        return [dict(zip(columns, row, strict=True)) for row in rows]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the stand-in services; those of these cities need no generated folder."""
    with serve_city(tmp_path_factory.mktemp("services")) as url:
        yield url


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Ran]:
    """Runs a workspace, by its folder's name, or some datasets of it, with these variables."""

    def made(name: str, *datasets: str, runs: int = 2, **given: str) -> Ran:
        here = Ran(WORKSPACES / name, Lake(str(tmp_path_factory.mktemp(name) / "lake")), given, [])
        for _ in range(runs):
            here.again(datasets)
        return here

    return made
