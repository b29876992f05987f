"""The part of a workspace that can run: without the declarations that have faults, and without what depends on them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from citylake.schemas.lint import find_errors
from citylake.schemas.lint.lint_finding import LintFinding
from citylake.schemas.read.registry import FaultyDeclaration, InvalidDeclaration, Registry
from citylake.schemas.words.errors import Problem

Owner = tuple[str, str]
"""The kind of a declaration, as in ``Registry.places``, and its id."""

_STORES = {
    "dataset": "contracts",
    "mart": "marts",
    "element": "elements",
    "codes": "codes",
    "crosswalk": "crosswalks",
    "entity": "entities",
    "delivery": "deliveries",
}
_ID_KEYS = {
    "datasets": "dataset",
    "marts": "mart",
    "elements": "id",
    "codes": "id",
    "entities": "entity",
    "deliveries": "delivery",
}
_KINDS = {
    "datasets": ("dataset",),
    "marts": ("mart",),
    "elements": ("element",),
    "codes": ("codes", "crosswalk"),
    "entities": ("entity",),
    "deliveries": ("delivery",),
}
_HEAD_BYTES = 4 << 20


def sound_registry(registry: Registry) -> Registry | None:
    """``registry`` without faulty declarations, which ``faulty`` names; None if a fault cannot be kept to some of them.

    A contract or mart that uses a declaration which is left out has a fault itself, and is left out in the next round:
    also if a pack has a declaration of the same id, because the workspace meant its own.
    """
    copies: dict[str, Any] = {store: dict(getattr(registry, store)) for store in _STORES.values()}
    sound = replace(registry, **copies)
    found: dict[Owner, list[LintFinding]] = defaultdict(list)
    while faults := find_errors(sound):
        gone = 0
        for fault in faults:
            owners = list(_owners(fault, sound))
            if not owners:
                return None
            for owner in owners:
                found[owner].append(fault)
                gone += _take_out(sound, owner)
        if not gone and not (sound.invalid or sound.clashes):
            return None
        sound = replace(sound, invalid=[], clashes=[])
    return replace(sound, faulty=tuple(_describe(owner, faults) for owner, faults in found.items()))


def _take_out(sound: Registry, owner: Owner) -> bool:
    kind, name = owner
    return getattr(sound, _STORES[kind]).pop(name, None) is not None


def _owners(fault: LintFinding, registry: Registry) -> Iterator[Owner]:
    """The declarations that ``fault`` makes unusable; none if it is not that of a single declaration."""
    for clash in registry.clashes:
        if fault.code == "ID_TWICE" and clash.again.path == fault.path and clash.id == fault.values.get("id"):
            yield clash.kind, clash.id
            return
    unread = [invalid for invalid in registry.invalid if invalid.place.path == fault.path]
    named = [owner for invalid in unread for owner in _invalid_owners(invalid)]
    yield from named or _owners_at(fault, registry)


def _invalid_owners(invalid: InvalidDeclaration) -> Iterator[Owner]:
    if invalid.kind not in _KINDS:
        return
    names = [invalid.id] if invalid.id else _written_ids(invalid.place.path, _ID_KEYS[invalid.kind])
    if not names and invalid.kind in ("datasets", "marts"):
        # Nobody can refer to it; it still has to be reported under some name.
        names = [invalid.place.path.stem if invalid.kind == "datasets" else invalid.place.path.parent.name]
    yield from ((kind, name) for name in names for kind in _KINDS[invalid.kind])


def _owners_at(fault: LintFinding, registry: Registry) -> Iterator[Owner]:
    for owner, place in registry.places.items():
        same = place.path.parent == fault.path.parent if owner[0] == "mart" else place.path == fault.path
        if same and (not place.keys or place.keys == fault.keys[: len(place.keys)]):
            yield owner


def _written_ids(path: Path, key: str) -> list[str]:
    """The ids in a file that is no valid YAML."""
    if not path.is_file():
        return []
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD_BYTES).decode("utf-8", "replace")
    except OSError:
        return []
    found = re.findall(rf"^[ \t]*(?:-[ \t]+)?\{{?[ \t]*{key}:[ \t]*[\"']?([A-Za-z0-9_.]+)", head, re.MULTILINE)
    return list(dict.fromkeys(found))


def _describe(owner: Owner, faults: list[LintFinding]) -> FaultyDeclaration:
    kind, name = owner
    first = {language: faults[0].say(language) for language in ("zh", "en")}
    return FaultyDeclaration(kind, name, Problem("DECLARATION_FAULTY", {"what": name, "fault": first}))
