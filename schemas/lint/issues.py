"""Checks of issue types: each code once, and the same placeholders in both languages."""

from __future__ import annotations

import string
from collections.abc import Iterator
from pathlib import Path

import yaml
from pydantic import ValidationError

from schemas.declaration import Text
from schemas.issue import IssueType
from schemas.lint.fault import Fault
from schemas.lint.places import at
from schemas.registry import Clash, Invalid, Place
from schemas.yamlfile import read_yaml


def placeholders_differ(text: Text) -> list[str]:
    """The placeholders that only one of the two languages has."""
    return sorted(_placeholders(text.zh) ^ _placeholders(text.en))


def check_issues(folder: Path) -> Iterator[Fault | Clash | Invalid]:
    """Every fault of the issue types declared in ``folder``."""
    seen: dict[str, Place] = {}
    for path in sorted(folder.glob("*.yaml")):
        try:
            entries = read_yaml(path) or []
        except yaml.YAMLError as error:
            yield Invalid(Place(path), error)
            continue
        for number, entry in enumerate(entries):
            place = Place(path, (number,))
            try:
                issue = IssueType.model_validate(entry)
            except ValidationError as error:
                yield Invalid(place, error, IssueType)
                continue
            if issue.code in seen:
                yield Clash("issue", issue.code, seen[issue.code], place)
            seen.setdefault(issue.code, place)
            yield from _worded(issue, place)


def _worded(issue: IssueType, place: Place) -> Iterator[Fault]:
    for key, text in (("text", issue.text), ("advice", issue.advice)):
        if differing := placeholders_differ(text):
            yield Fault("PLACEHOLDERS_DIFFER", at(place, key), {"issue": issue.code, "names": differing})


def _placeholders(text: str) -> set[str]:
    try:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}
    except ValueError:
        return {text}
