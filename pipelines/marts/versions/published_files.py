"""The published files of a mart that are still in the lake, by version."""

from __future__ import annotations

from collections.abc import Iterable

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.stored_files import StoredFile, list_stored_files
from citylake.pipelines.marts.publish.mart_pointer import version_from_name, version_time


def published_files(lake: Lake, mart: str) -> dict[str, StoredFile]:
    """Return version → file of every version whose file exists, oldest first."""
    return choose_versions(mart, list_stored_files(lake, lake.mart(mart)))


def choose_versions(mart: str, files: Iterable[StoredFile]) -> dict[str, StoredFile]:
    """Return version → file of those that citylake has named; ``files``: of the mart's folder."""
    named = ((version_from_name(mart, file.path), file) for file in files)
    return dict(sorted((version, file) for version, file in named if version and _is_version(version)))


def _is_version(version: str) -> bool:
    try:
        return bool(version_time(version))
    except ValueError:
        return False
