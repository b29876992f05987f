"""No mart of the repository has a finding that its author has not allowed, with a reason, and each check is fast."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.pipelines.marts.gate.allowances import read_allowances
from citylake.pipelines.marts.meaning.check_meaning import check_meaning
from citylake.pipelines.marts.meaning.findings import ALLOWANCE_WORDS
from citylake.pipelines.marts.plan.mart_binder import MartBinder
from citylake.schemas.read.registry import load_registry

ROOT = Path(__file__).parents[4]

WORKSPACES = (
    "workspaces/demo",
    "workspaces/chicago",
    "workspaces/singapore",
    "tests/real/workspace",
    "benchmarks/workspace",
    "pipelines/onboard/starter",
    "tests/faults/crash_city/workspace",
)


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_every_finding_is_allowed_with_a_reason(workspace: str) -> None:
    registry = load_registry(ROOT / workspace)
    with MartBinder(registry) as binder:
        for mart in registry.marts:
            bound = binder.bind_mart(mart)
            given = {bound.plans[name].file: list(read_allowances(each.sql)) for name, each in bound.bound.items()}
            found = list(check_meaning(bound, binder))
            left = [
                (each.code, each.place.path.name, each.line)
                for each in found
                if not any(one.covers(ALLOWANCE_WORDS[each.code], each.line or 0) for one in given[each.place.path])
            ]
            assert left == []
