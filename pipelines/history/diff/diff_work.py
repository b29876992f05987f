"""What a comparison works with: the lake, both versions, the declarations of the later one, and the engine."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from citylake.pipelines.history.diff.declared_changes import RecordedDeclarations
from citylake.pipelines.history.diff.mart_versions import MartVersion, choose_both
from citylake.pipelines.history.diff.row_filter import RowFilter
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.marts.make.mart_builder import declared_fingerprint
from citylake.pipelines.marts.publish.mart_leases import acquire_lease, release_lease
from citylake.pipelines.marts.publish.mart_pointer import Pointer
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError


@dataclass(frozen=True, slots=True)
class DiffWork:
    """One comparison. ``registry``: None if the declarations of the later version are not on record."""

    lake: Lake
    ledger: Ledger
    pointer: Pointer
    before: MartVersion
    after: MartVersion
    declared: RecordedDeclarations
    registry: Registry | None
    chosen: RowFilter
    limit: int
    """The most examples of one table."""

    @property
    def mart(self) -> Mart | None:
        """The mart as it was declared for the later version."""
        return self.registry.marts.get(self.after.mart) if self.registry else None


@contextmanager
def open_diff(
    lake: Lake, pointer: Pointer, asked: tuple[str, str], registry: Registry | None, chosen: RowFilter, limit: int
) -> Iterator[DiffWork]:
    """Choose the versions, and protect their files from removal until the block ends.

    ``registry``: today's declarations, used if the later version was made by them. Raises what ``choose_both`` raises.
    """
    ledger = Ledger(lake)
    before, after = choose_both(ledger, pointer, *asked)
    with ExitStack() as held:
        for version in (before.version, after.version):
            if lease := acquire_lease(lake, pointer.mart, version):
                held.callback(release_lease, lake, lease, os.getpid())
        folder = held.enter_context(scratch_folder())
        declared = RecordedDeclarations(ledger, Path(folder).resolve())
        made_by = _declarations_of(after, registry, declared, lake)
        yield DiffWork(lake, ledger, pointer, before, after, declared, made_by, chosen, limit)


def _declarations_of(
    version: MartVersion, registry: Registry | None, declared: RecordedDeclarations, lake: Lake
) -> Registry | None:
    """The declarations that a version was made by: today's, else those on record."""
    if registry and version.mart in registry.marts and _makes(version, registry, lake):
        return registry
    found = declared.registry(version.revision)
    return found if found and version.mart in found.marts else None


def _makes(version: MartVersion, registry: Registry, lake: Lake) -> bool:
    try:
        return declared_fingerprint(registry.marts[version.mart], registry, lake) == version.fingerprint
    except CitylakeError:
        return False
