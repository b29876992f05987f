"""Roles decide who may act on a department's data."""

from __future__ import annotations

from pathlib import Path

import pytest

from citylake.pipelines.acts.person import Person, current_person
from citylake.pipelines.acts.rights import require_right
from citylake.pipelines.lake.access_record import USER_VARIABLE
from citylake.schemas.read.registry import load_registry
from citylake.schemas.words.errors import CitylakeError

ROLES = """
roles:
- {users: [li, wang], may: [release, correct], departments: [交通局]}
- {users: [chen], may: [release, correct, discard, export], departments: ["*"]}
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "workspace.yaml").write_text("packs: []\n", encoding="utf-8")
    return tmp_path


def test_a_workspace_without_roles_allows_every_act(workspace: Path) -> None:
    require_right(load_registry(workspace), Person("anyone"), "discard", "交通局")


@pytest.mark.parametrize(
    ("user", "right", "department", "allowed"),
    [
        ("li", "release", "交通局", True),
        ("li", "release", "环境局", False),
        ("li", "discard", "交通局", False),
        ("chen", "discard", "环境局", True),
        ("zhao", "release", "交通局", False),
    ],
)
def test_a_grant_covers_its_users_rights_and_departments_only(
    workspace: Path, user: str, right: str, department: str, allowed: bool
) -> None:
    (workspace / "roles.yaml").write_text(ROLES, encoding="utf-8")
    if allowed:
        require_right(load_registry(workspace), Person(user), right, department)  # type: ignore[arg-type]
        return
    with pytest.raises(CitylakeError) as refused:
        require_right(load_registry(workspace), Person(user), right, department)  # type: ignore[arg-type]
    assert refused.value.code == "ACT_NOT_ALLOWED"
    assert "chen" in str(refused.value)


def test_a_faulty_roles_file_allows_nothing(workspace: Path) -> None:
    (workspace / "roles.yaml").write_text("roles:\n- {users: [li], may: [everything], departments: [x]}\n")
    with pytest.raises(CitylakeError) as refused:
        require_right(load_registry(workspace), Person("li"), "release", "x")
    assert refused.value.code == "ROLES_UNREADABLE"


def test_the_person_is_the_option_then_the_environment_then_the_system(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(USER_VARIABLE, "wang")
    assert current_person("li").user == "li"
    assert current_person().user == "wang"
    monkeypatch.delenv(USER_VARIABLE)
    assert current_person().user
