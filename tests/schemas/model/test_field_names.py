"""The names that a field has had: what can be written, and what lint says about the rest."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from citylake.schemas.lint import lint_workspace
from citylake.schemas.model.binding import Binding
from tests.declared import declare_packs

CONTRACT = """
dataset: air.trial
title: {zh: 试, en: trial}
owner: {department: 局}
source: {connector: files, path: "x/*.csv", format: csv}
fields:
  v: {element: air.pm25, unit: ug/m3, names: %s}
  n: {element: air.station_name%s}
write: {mode: append}
"""


@pytest.mark.parametrize(
    "names",
    [
        ["v"],
        [{"was": "a", "until": "2026-03-08"}, "v"],
        ["v", "w", {"was": "a", "until": "2026-03-08"}],
        ["v", {"was": "a", "until": "2026-03-08"}, {"was": "b", "until": "2026-03-08"}],
        ["v", {"was": "b", "until": "2025-03-08"}, {"was": "a", "until": "2026-03-08"}],
        ["v", {"was": "v", "until": "2026-03-08"}],
        ["v", {"was": "a"}],
        ["v", {"was": "", "until": "2026-03-08"}],
    ],
)
def test_names_that_leave_a_day_open_are_refused(names: list[object]) -> None:
    with pytest.raises(ValidationError):
        Binding.model_validate({"element": "air.pm25", "names": names})


@pytest.mark.parametrize("more", [{"constant": 1}, {"from": ["a", "b"]}, {"join": "{a} {b}"}])
def test_only_a_binding_of_one_field_has_names(more: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="one source field"):
        Binding.model_validate({"element": "air.pm25", "names": [{"was": "a", "until": "2026-03-08"}], **more})


@pytest.mark.parametrize(
    ("names", "other", "code"),
    [
        ("[w, {was: a, until: 2026-03-08}]", "", "FIELD_NAME_DIFFERS"),
        ("[v, {was: n, until: 2026-03-08}]", "", "FIELD_NAME_TAKEN"),
        ("[v, {was: a, until: 2026-03-08}]", ", names: [{was: a, until: 2026-03-08}]", "FIELD_NAME_TAKEN"),
    ],
)
def test_a_name_of_two_fields_and_a_name_that_is_not_the_fields_are_errors_at_their_line(
    tmp_path: Path, names: str, other: str, code: str
) -> None:
    (found,) = [each for each in lint_workspace(_workspace(tmp_path, names, other)) if each.severity == "error"]
    assert found.code == code
    assert found.line in (7, 8)
    assert all(word in found.say("zh") for word in ("v", "names"))


def test_old_names_of_one_field_are_no_fault(tmp_path: Path) -> None:
    names = "[v, {was: b, until: 2026-03-08}, {was: a, until: 2025-12-31}]"
    assert not [each for each in lint_workspace(_workspace(tmp_path, names, "")) if each.severity == "error"]


def _workspace(folder: Path, names: str, other: str) -> Path:
    workspace = declare_packs(folder / "workspace")
    (workspace / "datasets").mkdir(parents=True, exist_ok=True)
    (workspace / "datasets/air.yaml").write_text(CONTRACT % (names, other), "utf-8")
    return workspace
