"""Checks of issue types: each code is unique, and both languages have the same placeholders."""

from __future__ import annotations

import string
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import yaml
from pydantic import ValidationError

from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.base.pack_folders import builtin_packs
from citylake.schemas.base.yaml_reader import YamlLimitError, read_yaml
from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import sub_location
from citylake.schemas.read.registry import DuplicateId, InvalidDeclaration, ShapeError, YamlLocation
from citylake.schemas.read.workspace import Workspace
from citylake.schemas.words.issue_type import IssueType

_Read = tuple[IssueType, YamlLocation] | InvalidDeclaration
"""An issue type and its place, or what is in its place."""


def placeholders_differ(text: LocalizedText) -> list[str]:
    """The placeholders that only one of the two languages has."""
    return sorted(_placeholders(text.zh) ^ _placeholders(text.en))


def check_issues(workspace: Workspace, *, with_packs: bool) -> Iterator[LintFault | DuplicateId | InvalidDeclaration]:
    """Every fault of the issue types of ``workspace``, and of its packs and extended workspaces if asked."""
    own = len(workspace.layers) - 1
    seen: dict[tuple[int, str], YamlLocation] = {}
    for path in workspace.files("issues"):
        layer = workspace.layer_of(path)
        if with_packs or layer == own:
            yield from _file_faults(path, layer, seen)


def _file_faults(
    path: Path, layer: int, seen: dict[tuple[int, str], YamlLocation]
) -> Iterator[LintFault | DuplicateId | InvalidDeclaration]:
    for found in _builtin_issues(path) if path.parents[1] in builtin_packs().values() else _read_issues(path):
        if isinstance(found, InvalidDeclaration):
            yield found
            continue
        issue, place = found
        first = seen.setdefault((layer, issue.code), place)
        if first is not place:
            yield DuplicateId("issue", issue.code, first, place)
        yield from _wording_faults(issue, place)


@cache
def _builtin_issues(path: Path) -> tuple[_Read, ...]:
    """The files of built-in packs stay as they are while a process runs, and to read them is a third of a lint."""
    return tuple(_read_issues(path))


def _read_issues(path: Path) -> Iterator[_Read]:
    try:
        entries = read_yaml(path) or []
        if not isinstance(entries, list):
            raise ShapeError("list")
    except (yaml.YAMLError, UnicodeDecodeError, ShapeError, OSError, YamlLimitError) as error:
        yield InvalidDeclaration(YamlLocation(path), error)
        return
    for number, entry in enumerate(entries):
        place = YamlLocation(path, (number,))
        try:
            yield IssueType.model_validate(entry), place
        except ValidationError as error:
            yield InvalidDeclaration(place, error, IssueType)


def _wording_faults(issue: IssueType, place: YamlLocation) -> Iterator[LintFault]:
    for key, text in (("text", issue.text), ("advice", issue.advice)):
        if differing := placeholders_differ(text):
            yield LintFault("PLACEHOLDERS_DIFFER", sub_location(place, key), {"issue": issue.code, "names": differing})


def _placeholders(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}
    except ValueError:
        return {text}
