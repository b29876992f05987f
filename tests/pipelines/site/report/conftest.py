"""A built report site over the lake of the pages, without charts: those are tested in a browser."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from citylake.pipelines.site.report.build_report import BuiltReport, build_report
from citylake.schemas.lint.valid_registry import load_valid_registry
from tests.trial import Trial


@dataclass(frozen=True)
class Site:
    """The folder of a site and what its build reported."""

    root: Path
    built: BuiltReport

    def page(self, name: str, language: str = "en") -> str:
        return (self.root / language / f"{name}.html").read_text("utf-8")

    def document(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.root / "data" / f"{name}.json").read_text("utf-8"))
        return found


@pytest.fixture(scope="session")
def built(lake: Trial, tmp_path_factory: pytest.TempPathFactory) -> Site:
    folder = tmp_path_factory.mktemp("report") / "site"
    registry = load_valid_registry(lake.root / "workspace")
    return Site(folder, build_report(lake.lake, registry, str(folder), charts=False))
