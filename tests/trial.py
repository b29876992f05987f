"""A workspace of one's own, run through the whole of ``citylake run``; and the stand-in city's services."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

from citylake.infra.city.city_model import City
from citylake.infra.city.generate import generate_city
from citylake.infra.city.serve.city_server import serve_city
from citylake.pipelines.context import RunContext, new_run, run_variables
from citylake.pipelines.flow.replay_dataset import replay_dataset
from citylake.pipelines.flow.replay_selection import ReplaySelection
from citylake.pipelines.flow.run_pipeline import RunOutcome, run_pipeline
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.quarantine_life import IS_OPEN, LIFE_SCHEMA
from citylake.pipelines.read.quarantine_frame import scan_quarantine
from citylake.pipelines.records import BatchResult
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.declared import DEMO, declare_packs


@dataclass
class Trial:
    """A workspace with every built-in pack, a lake, and what ``${NAME}`` stands for in its contracts."""

    root: Path
    given: dict[str, str] = field(default_factory=dict)

    @property
    def lake(self) -> Lake:
        return Lake(str(self.root / "lake"))

    @property
    def ledger(self) -> Ledger:
        return Ledger(self.lake)

    def declare(self, name: str, text: str | Mapping[str, Any]) -> None:
        """Write a declaration: ``datasets/air/hourly`` and its YAML, or what the YAML says."""
        path = self.root / "workspace" / f"{name}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if isinstance(text, str) else yaml.safe_dump(dict(text), allow_unicode=True), "utf-8")

    def run(self, day_from: date | None = None, day_to: date | None = None, **chosen: Any) -> RunOutcome:
        """One run over the lake, as ``citylake run`` does it."""
        registry, this = load_valid_registry(self.root / "workspace"), new_run(day_from, day_to)
        ledger = self.ledger
        return run_pipeline(
            RunContext(registry, self.lake, ledger, this, run_variables(registry, this, self.given)), **chosen
        )

    def replay(self, name: str, **chosen: Any) -> BatchResult:
        """One replay of a dataset, as ``citylake replay`` does it."""
        registry, this, ledger = load_valid_registry(self.root / "workspace"), new_run(), self.ledger
        context = RunContext(registry, self.lake, ledger, this, run_variables(registry, this, self.given))
        (result,) = replay_dataset(context, registry.contracts[name], ReplaySelection(**chosen))
        ledger.flush()
        return result

    def dataset(self, outcome: RunOutcome, name: str) -> dict[str, Any]:
        """What a run's document says of a dataset."""
        (found,) = (entry for entry in outcome.document["datasets"] if entry["dataset"] == name)
        return dict(found)

    def standard(self, name: str) -> pl.DataFrame:
        return pl.read_delta(self.lake.standard(name))

    def quarantine(self, name: str) -> pl.DataFrame:
        """The rows that are refused now, without what became of them before."""
        return self.refused(name).filter(IS_OPEN).drop(list(LIFE_SCHEMA))

    def refused(self, name: str) -> pl.DataFrame:
        """Every row of the quarantine, closed ones included."""
        found = scan_quarantine(self.lake, name)
        assert found is not None
        return found.collect()

    def receipts(self, name: str) -> list[dict[str, Any]]:
        """The dataset's receipts, oldest first."""
        found = self.ledger.read("receipts").filter(pl.col("dataset") == name).sort("requested_at")
        return found.to_dicts()


@pytest.fixture
def trial(tmp_path: Path) -> Trial:
    """A workspace with every built-in pack and the demonstration city's vocabulary, without a contract."""
    declare_packs(tmp_path / "workspace", extends=DEMO)
    return Trial(tmp_path)


@pytest.fixture(scope="session")
def standin_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The data of a stand-in city of three days."""
    folder = tmp_path_factory.mktemp("standin")
    generate_city(folder, City(days=3))
    return folder


@pytest.fixture(scope="session")
def standin(standin_folder: Path) -> Iterator[str]:
    """The address of the stand-in city's services; ``/with/<fault>/…`` makes them misbehave."""
    with serve_city(standin_folder) as url:
        yield url
