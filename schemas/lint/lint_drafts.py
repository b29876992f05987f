"""Check for what a draft left to be written by a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from citylake.schemas.lint.lint_finding import LintFault
from citylake.schemas.lint.yaml_location import sub_location
from citylake.schemas.read.registry import Registry, YamlLocation

_MARK = "TODO"


def check_drafts(registry: Registry) -> Iterator[LintFault]:
    """DRAFT_UNFINISHED for each text of a contract that is still the draft's ``TODO``."""
    for name, contract in registry.contracts.items():
        place = registry.places["dataset", name]
        yield from _unfinished(contract.model_dump(by_alias=True), place)


def _unfinished(value: Any, place: YamlLocation) -> Iterator[LintFault]:
    if isinstance(value, str) and value.startswith(_MARK):
        yield LintFault("DRAFT_UNFINISHED", place, {"key": place.keys[-1]})
    elif isinstance(value, Mapping):
        for key, part in value.items():
            yield from _unfinished(part, sub_location(place, key))
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value):
            yield from _unfinished(part, sub_location(place, number))
