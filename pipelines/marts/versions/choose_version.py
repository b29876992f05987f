"""Finds a version of a mart by what a person types, or the one before the current one."""

from __future__ import annotations

from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.marts.publish.mart_pointer import Pointer
from citylake.pipelines.marts.versions.ledger_versions import publication_rows
from citylake.schemas.words.errors import CitylakeError

_MOST = 5


def choose_version(ledger: Ledger, mart: str, typed: str) -> str:
    """Return the published version that is, or begins with, ``typed``.

    Raises MART_VERSION_UNKNOWN and MART_VERSION_AMBIGUOUS.
    """
    known = published_versions(ledger, mart)
    found = [each for each in known if each.startswith(typed)]
    if typed in known:
        return typed
    if not found:
        newest = ", ".join(reversed(known[-_MOST:])) or "—"
        raise CitylakeError("MART_VERSION_UNKNOWN", mart=mart, version=typed, known=newest)
    if len(found) > 1:
        raise CitylakeError("MART_VERSION_AMBIGUOUS", mart=mart, version=typed, known=", ".join(reversed(found)))
    return found[0]


def earlier_version(ledger: Ledger, current: Pointer) -> str:
    """Return the version that was published before the current one. Raises ROLLBACK_NONE_EARLIER."""
    earlier = [each for each in published_versions(ledger, current.mart) if each < current.version]
    if not earlier:
        raise CitylakeError("ROLLBACK_NONE_EARLIER", mart=current.mart, version=current.version)
    return earlier[-1]


def published_versions(ledger: Ledger, mart: str) -> list[str]:
    """Return every version of the mart that was ever published, oldest first."""
    return sorted(set(publication_rows(ledger, mart, "published")["version"].drop_nulls()))
