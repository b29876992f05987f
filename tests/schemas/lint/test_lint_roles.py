"""Faults of ``roles.yaml``, each with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.schemas.lint import lint_workspace
from citylake.schemas.lint.valid_registry import load_sound_registry
from tests.small_workspace import write_small_workspace

GRANT = "roles:\n- users: [li]\n  may: [correct, release]\n  departments: [生态环境局]\n"


@pytest.fixture
def city(tmp_path: Path) -> Path:
    return write_small_workspace(tmp_path / "city")


def test_roles_of_known_departments_have_no_fault(city: Path) -> None:
    (city / "roles.yaml").write_text(GRANT + "- {users: [wang], may: [export], departments: ['*']}\n", "utf-8")
    assert lint_workspace(city) == []


@pytest.mark.parametrize(
    ("text", "code", "line", "suggestion"),
    [
        (GRANT.replace("生态环境局", "生态环保局"), "ROLE_DEPARTMENT_UNKNOWN", 4, "生态环境局"),
        (GRANT.replace("release", "relase"), "VALUE_NOT_ALLOWED", 3, "release"),
        (GRANT.replace("users", "user"), "KEY_UNKNOWN", 2, "users"),
        (GRANT + "- [", "YAML_UNREADABLE", 6, ""),
    ],
)
def test_a_fault_of_the_roles_is_reported_at_its_line(
    city: Path, text: str, code: str, line: int, suggestion: str
) -> None:
    (city / "roles.yaml").write_text(text, "utf-8")
    found = next(each for each in lint_workspace(city) if each.code == code)
    assert (found.path.name, found.line) == ("roles.yaml", line)
    assert suggestion in found.suggestion


def test_faulty_roles_stop_no_run(city: Path) -> None:
    (city / "roles.yaml").write_text("roles: [", "utf-8")
    assert load_sound_registry(city).contracts
