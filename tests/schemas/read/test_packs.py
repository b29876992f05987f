"""Packs: built-in ones are always found, others by their entry points, and no name is declared twice."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from citylake.schemas.base.installed_entry_points import clear_entry_points
from citylake.schemas.base.pack_folders import builtin_packs, installed_packs, registered_packs
from citylake.schemas.lint import LintFinding, lint_workspace
from citylake.schemas.read.registry import load_registry
from citylake.schemas.words.message_catalogue import issue_types
from tests.schemas.read.test_registry import ELEMENT

CODES = """
- id: {id}
  name: {{zh: 集, en: list}}
  values: [{{code: A, name: {{zh: 甲, en: a}}}}]
"""
ISSUE = """
- code: {code}
  scope: row
  severity: warning
  responsible: supplier
  dimension: none
  text: {{zh: 港口, en: harbour}}
  advice: {{zh: 无, en: none}}
"""
Install = Callable[..., None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    """Install a distribution with one pack: ``install("harbour", elements=…, issues=…)``."""
    site = tmp_path / "site"
    monkeypatch.syspath_prepend(str(site))

    def install_(pack: str, package: str = "", **files: str) -> None:
        package = package or f"{pack}_pack"
        folder, info = site / package, site / f"{package}-1.0.dist-info"
        folder.mkdir(parents=True)
        info.mkdir()
        (folder / "__init__.py").touch()
        for kind, text in files.items():
            (folder / kind).mkdir()
            (folder / kind / "own.yaml").write_text(text, encoding="utf-8")
        (info / "METADATA").write_text(f"Metadata-Version: 2.4\nName: {package}\nVersion: 1.0\n", encoding="utf-8")
        (info / "entry_points.txt").write_text(f"[citylake.packs]\n{pack} = {package}\n", encoding="utf-8")
        sys.path_importer_cache.clear()
        _forget()

    yield install_
    for name in [name for name in sys.modules if name.endswith("_pack")]:
        del sys.modules[name]
    _forget()


def _forget() -> None:
    clear_entry_points()
    registered_packs.cache_clear()
    issue_types.cache_clear()


def lint(folder: Path, packs: str, **files: str) -> list[LintFinding]:
    workspace = folder / "workspace"
    workspace.mkdir()
    (workspace / "workspace.yaml").write_text(f"name: {{zh: 城, en: city}}\npacks: [{packs}]\n", encoding="utf-8")
    for kind, text in files.items():
        (workspace / kind).mkdir()
        (workspace / kind / "own.yaml").write_text(text, encoding="utf-8")
    return lint_workspace(workspace)


def test_every_built_in_pack_is_registered_as_others_are(root: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]
    expected = {name: f"citylake.schemas.packs.{name}" for name in builtin_packs()}
    assert project["entry-points"]["citylake.packs"] == expected
    assert next(iter(builtin_packs())) == "base"


def test_the_built_in_packs_are_found_without_metadata(monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
    monkeypatch.setattr(sys, "path", [str(root)])
    _forget()
    assert installed_packs() == builtin_packs()
    _forget()


def test_a_pack_of_another_package_is_used_by_its_name(tmp_path: Path, install: Install) -> None:
    element = ELEMENT.format(id="harbour.quay", symbol="quay")
    install("harbour", elements=element, issues=ISSUE.format(code="QUAY_CLOSED"))
    assert lint(tmp_path, "base, harbour") == []
    assert "harbour.quay" in load_registry(tmp_path / "workspace").elements
    assert "QUAY_CLOSED" in issue_types()


def test_an_unknown_pack_is_a_fault_with_its_line_and_the_nearest_names(tmp_path: Path) -> None:
    [finding] = lint(tmp_path, "base, trafic")
    assert (finding.code, finding.path.name, finding.line) == ("PACK_UNKNOWN", "workspace.yaml", 2)
    assert finding.suggestion.split(", ")[0] == "traffic"


def test_a_pack_whose_package_cannot_be_imported_is_a_fault(tmp_path: Path, install: Install) -> None:
    install("harbour", package="harbour_pack")
    (tmp_path / "site/harbour_pack/__init__.py").unlink()
    (tmp_path / "site/harbour_pack").rmdir()
    _forget()
    assert [finding.code for finding in lint(tmp_path, "base, harbour")] == ["PACK_UNREADABLE"]


def test_a_package_that_fails_to_import_stops_no_workspace_that_does_not_use_it(
    tmp_path: Path, install: Install
) -> None:
    install("harbour", package="harbour_pack")
    (tmp_path / "site/harbour_pack/__init__.py").write_text("raise RuntimeError('half installed')")
    info = tmp_path / "site/harbour_pack-1.0.dist-info/entry_points.txt"
    info.write_text("[citylake.packs]\nharbour = harbour_pack.inner\n")
    _forget()
    assert lint(tmp_path, "base") == []
    (tmp_path / "workspace/workspace.yaml").write_text("packs: [base, harbour]\n")
    assert [finding.code for finding in lint_workspace(tmp_path / "workspace")] == ["PACK_UNREADABLE"]


@pytest.mark.parametrize("text", ["a: [", "just words", "{code: X}", "- 1\n"])
def test_issue_types_of_a_pack_that_are_no_issue_types_break_no_message(
    tmp_path: Path, install: Install, text: str
) -> None:
    install("harbour", issues=text)
    assert "UNIT_UNKNOWN" in issue_types()
    assert {each.path.name for each in lint(tmp_path, "base, harbour")} == {"own.yaml"}


@pytest.mark.parametrize("pack", ["harbour", "traffic"])
def test_a_pack_that_two_packages_register_is_a_fault(tmp_path: Path, install: Install, pack: str) -> None:
    install(pack, package="one_pack")
    install(pack, package="two_pack")
    assert {finding.code for finding in lint(tmp_path, pack)} == {"PACK_TWICE"}


@pytest.mark.parametrize(
    ("kind", "text", "first"),
    [
        ("elements", ELEMENT.format(id="time.observed_at", symbol="observed_at"), "base/elements/time.yaml"),
        ("codes", CODES.format(id="general.indicator"), "base/codes/general.yaml"),
        ("issues", ISSUE.format(code="UNIT_UNKNOWN"), "base/issues/declaration.yaml"),
        ("indices", "id: HJ 633-2026", "environment/indices/hj633_2026.yaml"),
    ],
)
def test_a_name_that_two_packs_declare_is_a_fault_with_both_places(
    tmp_path: Path, install: Install, kind: str, text: str, first: str
) -> None:
    install("harbour", **{kind: text})
    found = [each for each in lint(tmp_path, "base, environment, harbour") if each.code == "ID_TWICE"]
    assert [each.path for each in found] == [tmp_path / f"site/harbour_pack/{kind}/own.yaml"]
    assert first in found[0].message("en")


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("elements", ELEMENT.format(id="time.observed_at", symbol="observed_at")),
        ("codes", CODES.format(id="city.region")),
        ("issues", ISSUE.format(code="UNIT_UNKNOWN")),
        ("indices", "id: HJ 633-2026"),
    ],
)
def test_a_workspace_may_override_what_a_pack_declares(tmp_path: Path, kind: str, text: str) -> None:
    assert [each.code for each in lint(tmp_path, "base, environment", **{kind: text})] == []
