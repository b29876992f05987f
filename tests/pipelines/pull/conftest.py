"""A lake, a run and contracts to pull with."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import stamina

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.pull.connector_api import PullContext, PullState
from citylake.pipelines.pull.pull_dataset import pull_dataset
from citylake.pipelines.records import Receipt, ResumePoint, Run
from citylake.schemas.model.contract import Contract

DEFAULTED = {"ckan", "socrata", "arcgis", "sensorthings", "openaq", "ngsi_ld", "datex2", "database"}
"""Connectors that know their format."""


def contract(source: dict[str, Any]) -> Contract:
    return Contract.model_validate(
        {
            "dataset": "test.data",
            "title": {"zh": "试", "en": "test"},
            "owner": {"department": "test"},
            "source": source if "format" in source or source["connector"] in DEFAULTED else {"format": "csv", **source},
            "fields": {"a": {"element": "test.a"}},
            "write": {"mode": "append"},
        }
    )


@dataclass
class Puller:
    workspace: Path
    lake: Lake
    known: dict[tuple[str, str], str] = field(default_factory=dict)
    states: dict[str, PullState] = field(default_factory=dict)
    unfinished: dict[str, ResumePoint] = field(default_factory=dict)
    given: dict[str, str] = field(default_factory=dict)
    compress: bool = False

    def __call__(self, connector: str = "files", **source: Any) -> list[Receipt]:
        run = Run("r", datetime(2026, 3, 1, tzinfo=UTC))
        variables = {"WORKSPACE": str(self.workspace), **self.given}
        pulling = PullContext(variables, run, self.known, self.states, self.unfinished, compress=self.compress)
        return pull_dataset(contract({"connector": connector, **source}), self.lake, pulling)

    def commit(self, receipts: list[Receipt]) -> None:
        """What the ledger keeps once the receipts' rows are in the table."""
        for receipt in receipts:
            self.known[receipt.name, receipt.sha256 or ""] = receipt.id
            if receipt.state:
                self.states[receipt.name] = dict(receipt.state)

    def leave(self, receipts: list[Receipt]) -> None:
        """What the ledger tells the next pull of receipts that broke off."""
        for receipt in receipts:
            if receipt.cursor:
                self.unfinished[receipt.name] = ResumePoint(receipt.requested_at, receipt.landing, dict(receipt.cursor))

    def one(self, connector: str = "files", **source: Any) -> Receipt:
        (receipt,) = self(connector, **source)
        return receipt

    def landed(self) -> list[Path]:
        return sorted(path for path in Path(self.lake.path("landing")).rglob("*") if path.is_file())


@pytest.fixture
def puller(tmp_path: Path) -> Puller:
    workspace = tmp_path / "workspace"
    workspace.mkdir()
    return Puller(workspace, Lake(str(tmp_path / "lake")))


@pytest.fixture
def zipped() -> Callable[[Path, Mapping[str, bytes]], Path]:
    """Writes a zip with these members."""

    def write(path: Path, members: Mapping[str, bytes]) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, body in members.items():
                archive.writestr(name, body)
        return path

    return write


@pytest.fixture(autouse=True)
def _no_waits() -> Iterator[None]:
    with stamina.set_testing(True, attempts=10, cap=True):
        yield
