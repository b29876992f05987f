"""The disease of single patients stays in the standard table: a mart that would publish it is refused."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE
from citylake.pipelines.marts.gate.mart_gate import MartGate
from citylake.schemas.read.registry import load_registry

MART = "marts/health_watch"


@pytest.fixture(scope="module")
def health(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace with the health row alone."""
    here = tmp_path_factory.mktemp("health") / "whitepaper"
    shutil.copytree(WHITEPAPER_WORKSPACE.parent / "demo", here.parent / "demo")
    for part in ("datasets/health", MART):
        shutil.copytree(WHITEPAPER_WORKSPACE / part, here / part)
    shutil.copy(WHITEPAPER_WORKSPACE / "workspace.yaml", here)
    return here


def found_codes(workspace: Path, column: str) -> set[str]:
    """The codes of the findings if the group of diseases were ``column``."""
    sql = (WHITEPAPER_WORKSPACE / MART / "region_week.sql").read_text("utf-8")
    (workspace / MART / "region_week.sql").write_text(sql.replace("disease_group", column), "utf-8")
    with MartGate(load_registry(workspace)) as gate:
        return {finding.code for finding in gate.check(["health_watch"]).errors}


def test_the_mart_as_it_is_tells_no_disease(health: Path) -> None:
    assert found_codes(health, "disease_group") == set()


def test_a_mart_that_tells_the_disease_is_refused(health: Path) -> None:
    assert "MART_LEAK_COLUMN" in found_codes(health, "notifiable_disease")
