"""Pins a version of a mart, so that it is never removed, or gives it back to retention."""

from __future__ import annotations

from typing import Literal

from citylake.pipelines.acts.person import Person
from citylake.pipelines.acts.rights import require_right
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.ledger.acts_table import Act
from citylake.pipelines.lake.ledger.json_text import to_json_text
from citylake.pipelines.lake.ledger.ledger_store import ledger_now
from citylake.pipelines.marts.publish.pointer_lock import pointer_lock
from citylake.pipelines.marts.versions.choose_version import choose_version
from citylake.pipelines.marts.versions.mart_pins import pinned_versions
from citylake.pipelines.marts.versions.published_files import published_files
from citylake.schemas.model.roles import EVERY_DEPARTMENT
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError


def pin_version(ledger: Ledger, registry: Registry, mart: str, typed: str, person: Person, why: str) -> str:
    """Keep a version: neither upkeep nor ``citylake mart gc`` removes it. Return the version.

    A version that is pinned already stays so; nothing is recorded again. The right is ``release`` for every department.
    Raises MART_ACT_WITHOUT_REASON, ACT_NOT_ALLOWED, MART_VERSION_UNKNOWN, MART_VERSION_AMBIGUOUS and
    MART_VERSION_NOT_KEPT if its file is gone.
    """
    if not why.strip():
        raise CitylakeError("MART_ACT_WITHOUT_REASON", mart=mart)
    require_right(registry, person, "release", EVERY_DEPARTMENT)
    version = choose_version(ledger, mart, typed)
    with pointer_lock(ledger.lake, mart):
        there = published_files(ledger.lake, mart)
        if version not in there:
            names = ", ".join(reversed(there)) or "—"
            raise CitylakeError("MART_VERSION_NOT_KEPT", mart=mart, version=version, there=names)
        if version not in pinned_versions(ledger, mart):
            _record(ledger, "pin_version", mart, version, person, why.strip())
    return version


def unpin_version(ledger: Ledger, registry: Registry, mart: str, typed: str, person: Person, why: str = "") -> str:
    """Give a pinned version back to retention. Return the version.

    Raises ACT_NOT_ALLOWED, MART_VERSION_UNKNOWN, MART_VERSION_AMBIGUOUS and MART_VERSION_NOT_PINNED.
    """
    require_right(registry, person, "release", EVERY_DEPARTMENT)
    version, pinned = choose_version(ledger, mart, typed), pinned_versions(ledger, mart)
    if version not in pinned:
        names = ", ".join(sorted(pinned, reverse=True)) or "—"
        raise CitylakeError("MART_VERSION_NOT_PINNED", mart=mart, version=version, pinned=names)
    _record(ledger, "unpin_version", mart, version, person, why.strip())
    return version


def _record(
    ledger: Ledger, act: Literal["pin_version", "unpin_version"], mart: str, version: str, person: Person, why: str
) -> None:
    identity = f"{act.removesuffix('_version')}-{mart}-{version}-{ledger_now():%Y%m%dT%H%M%S%fZ}"
    details = to_json_text({"version": version})
    ledger.add_act(Act(identity, act, f"mart.{mart}", "", person.user, why, person.via, details=details))
    ledger.flush()
