"""What a person reads when a mart leaks, and what the gate costs where nothing does."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from citylake.pipelines.marts.leaks.leak_gate import check_leaks
from citylake.pipelines.marts.plan.mart_binder import MartBinder
from citylake.schemas.lint.lint_finding import LintFinding, build_finding
from citylake.schemas.lint.valid_registry import load_valid_registry
from citylake.schemas.read.registry import load_registry

from .conftest import HERE, write_model

ROOT = Path(__file__).parents[4]
WORKSPACES = ("workspaces/demo", "workspaces/chicago", "workspaces/singapore", "tests/real/workspace")
GROUPED = "SELECT region_code, avg(wage_cny) AS w FROM social.insured\nGROUP BY region_code"


def _findings(tmp_path: Path, model: dict[str, object], regions: dict[str, str] | None = None) -> list[LintFinding]:
    """What is found for one mart; ``regions``: lines of the contract of ``city.regions``, by their key."""
    root = tmp_path / "_".join(["workspace", *(regions or {})])
    copytree(HERE / "workspace", root)
    write_model(root, "made", model)
    contract = root / "datasets" / "regions.yaml"
    lines = contract.read_text(encoding="utf-8").splitlines()
    for word, line in (regions or {}).items():
        lines = [line if each.startswith(f"{word}:") else each for each in lines]
    contract.write_text("\n".join(lines), encoding="utf-8")
    with MartBinder(load_registry(root)) as binder:
        return [build_finding(each, each.line or 1) for each in check_leaks(binder, ["made"])]


def test_the_path_names_the_column_each_step_and_the_source_with_its_sensitivity(tmp_path: Path) -> None:
    inner = "SELECT region_code,\n upper(substr(person_name, 1, 2)) AS n\n FROM social.insured"
    sql = f"WITH p AS (\n{inner})\nSELECT n AS who FROM p"
    (found,) = _findings(tmp_path, {"tables": {"people": sql}})
    assert (found.code, found.path.name, found.line) == ("MART_LEAK_COLUMN", "people.sql", 3)
    assert "who ← upper ← substr ← social.insured.person_name [L2, conditional, ordinary]" in found.message("en")
    assert "who ← upper ← substr ← social.insured.person_name" in found.message("zh")


def test_a_group_that_may_be_small_is_told_what_to_write(tmp_path: Path) -> None:
    (found,) = _findings(tmp_path, {"tables": {"wages": GROUPED}, "minimum_group": 20})
    assert (found.code, found.line) == ("MART_LEAK_GROUP", 1)
    assert "HAVING count(*) >= 20" in found.advice("en")
    assert "HAVING count(*) >= 20" in found.advice("zh")


def test_a_group_of_two_is_no_minimum(tmp_path: Path) -> None:
    (found,) = _findings(tmp_path, {"tables": {"wages": f"{GROUPED} HAVING count(*) >= 2"}, "minimum_group": 2})
    assert (found.code, found.path.name) == ("MART_GROUP_TOO_SMALL", "mart.yaml")


def test_nothing_can_be_allowed_by_a_comment(tmp_path: Path) -> None:
    sql = "/* citylake: allow MART_LEAK_COLUMN because it is urgent */ SELECT person_name AS who FROM social.insured"
    assert [each.code for each in _findings(tmp_path, {"tables": {"people": sql}})] == ["MART_LEAK_COLUMN"]


def test_the_number_of_a_steward_is_published_on_purpose_and_no_other(tmp_path: Path) -> None:
    model: dict[str, object] = {"tables": {"regions": "SELECT region_code FROM city.regions"}}
    assert _findings(tmp_path, model, {"owner": 'owner: {department: 市大数据局, steward: "13800138000"}'}) == []
    (found,) = _findings(tmp_path, model, {"title": "title: {zh: 请致电13800138000, en: regions}"})
    assert (found.code, found.path.name, found.line) == ("MART_TEXT_IDENTIFIES", "regions.yaml", 2)
    assert "移动电话号码：138…" in found.message("zh")


@pytest.mark.parametrize("workspace", WORKSPACES)
def test_the_marts_of_the_repository_pass(workspace: str) -> None:
    registry = load_valid_registry(ROOT / workspace)
    with MartBinder(registry) as binder:
        for mart in registry.marts:
            binder.bind_mart(mart)
        assert list(check_leaks(binder, registry.marts)) == []
