"""What the commands tell of marts and their versions, ready for JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.stored_files import list_mart_names
from citylake.pipelines.marts.publish.mart_leases import leased_versions
from citylake.pipelines.marts.publish.mart_pointer import Pointer, read_pointer
from citylake.pipelines.marts.publish.stable_name import stable_path
from citylake.pipelines.marts.versions.ledger_versions import publication_rows
from citylake.pipelines.marts.versions.mart_pins import pinned_versions
from citylake.pipelines.marts.versions.published_files import published_files
from citylake.pipelines.records import DataGap
from citylake.schemas.read.registry import Registry

Document = dict[str, Any]


def list_marts(lake: Lake, ledger: Ledger, registry: Registry) -> list[Document]:
    """Return every mart that is declared or published, by name."""
    names = sorted({*registry.marts, *list_mart_names(lake)})
    return [mart_document(lake, ledger, registry, name) for name in names]


def mart_document(lake: Lake, ledger: Ledger, registry: Registry, name: str) -> Document:
    """Return one mart: its current version, what waits, and who has it open. ``closed``: its files are others' alone.

    ``size_bytes`` is that of the current file, ``kept_bytes`` of all versions.
    """
    declared = registry.marts.get(name)
    told: Document = {
        "mart": name,
        "title": declared.title.model_dump() if declared else {"zh": name, "en": name},
        "declared": declared is not None,
        "readers": declared.readers if declared else None,
        "held": held_version(ledger, name),
    }
    try:
        return told | _published(lake, ledger, name) | {"closed": False}
    except PermissionError:
        return told | _unpublished() | {"closed": True}


def _published(lake: Lake, ledger: Ledger, name: str) -> Document:
    pointer, files = read_pointer(lake, name), published_files(lake, name)
    if pointer is None:
        return _unpublished()
    return {
        "version": pointer.version,
        "published_at": pointer.published_at,
        "rows": dict(pointer.rows),
        "incomplete": [gap_document(gap) for gap in pointer.incomplete],
        "readers": pointer.readers,
        "path": f"{lake.mart(name)}/{pointer.file}",
        "stable_path": stable_path(lake, name),
        "size_bytes": files[pointer.version].size if pointer.version in files else None,
        "kept_bytes": sum(file.size for file in files.values()),
        "versions": len(files),
        "open": sorted(leased_versions(lake, name)),
        "pinned": [_pin(each) for each in pinned_versions(ledger, name).values()],
        "rolled_back": rollback_document(pointer),
    }


def _unpublished() -> Document:
    empty: Document = dict.fromkeys(("version", "published_at", "path", "stable_path", "size_bytes", "rolled_back"))
    return empty | {"rows": {}, "incomplete": [], "kept_bytes": 0, "versions": 0, "open": [], "pinned": []}


def _pin(pin: Any) -> Document:
    return {**asdict(pin), "at": pin.at.isoformat()}


def gap_document(gap: DataGap) -> Document:
    """Return the days that a dataset lacks, as spans."""
    days = [[day.isoformat() for day in span] for span in gap.days]
    return {"dataset": gap.dataset, "department": gap.department, "days": days}


def rollback_document(pointer: Pointer) -> Document | None:
    """Return who has rolled the mart back, when and why; None if the current version is the newest."""
    done = pointer.rolled_back
    if done is None:
        return None
    return {name: getattr(done, name) for name in ("user", "at", "why", "from_version", "act_id")}


def held_version(ledger: Ledger, mart: str) -> Document | None:
    """Return the last attempt to publish if a gate has held it: when, and its problems; None if nothing waits."""
    rows = publication_rows(ledger, mart, "published", "rolled_back", "held")
    if rows.is_empty() or rows["status"][-1] != "held":
        return None
    return attempt_document(rows.row(-1, named=True))


def attempt_document(row: Mapping[str, Any]) -> Document:
    """Return when a version was held, by which run and why."""
    from citylake.pipelines.marts.versions.version_reason import problem_texts

    return {"at": row["recorded_at"].isoformat(), "run": row["run"], "problems": problem_texts(row["problems"])}
