"""Small inputs by kind, each with its contract: a folder more is a test more."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.cases.passing_kinds import DRAFTED_KINDS, PASSING_KINDS, PASSING_READ_KINDS
from tests.pipelines.parse.conftest import parser  # noqa: F401

FOLDER = Path(os.environ.get("CITYLAKE_CASES") or Path(__file__).parents[2] / "../shared/cases").resolve()
EXPECTATIONS: dict[str, dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "expectations.yaml").read_text("utf-8")
)

KINDS = {"case": PASSING_KINDS, "read_case": PASSING_READ_KINDS, "drafted_case": DRAFTED_KINDS}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One test for each folder of a kind that passes; one that is skipped if the folder is absent."""
    for name, kinds in KINDS.items():
        if name in metafunc.fixturenames:
            found = sorted(path for path in FOLDER.glob("*/") if path.name.startswith(kinds))
            skipped = pytest.param(FOLDER, marks=pytest.mark.skip(reason=f"no cases at {FOLDER}"), id="absent")
            metafunc.parametrize(name, [pytest.param(path, id=path.name) for path in found] or [skipped])


@pytest.fixture
def expected(case: Path) -> dict[str, Any]:
    """What the case must give; empty if only the general promise is known."""
    return EXPECTATIONS.get(case.name, {})
