"""Makes marts anew after a person was forgotten, and deletes every earlier version of them."""

from __future__ import annotations

from collections.abc import Collection

from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.run_pipeline import run_pipeline
from citylake.pipelines.lake.stored_files import list_folder_names, list_stored_files
from citylake.pipelines.marts.make.mart_plan import mart_input_datasets
from citylake.pipelines.marts.publish import mart_leases, mart_pointer
from citylake.pipelines.records import Publication
from citylake.pipelines.upkeep.lake_files import delete_stored_files
from citylake.pipelines.upkeep.lake_tables import LakeTable
from citylake.pipelines.upkeep.privacy.forget_rows import forget_history
from citylake.pipelines.upkeep.removal_log import record_removals


def marts_reading(context: RunContext, datasets: Collection[str]) -> list[str]:
    """Return the marts that read one of the datasets."""
    registry = context.registry
    return sorted(name for name, mart in registry.marts.items() if mart_input_datasets(mart, registry) & set(datasets))


def rebuild_marts(context: RunContext, marts: Collection[str]) -> tuple[Publication, ...]:
    """Make every table of the marts anew and publish them; then delete what earlier versions left.

    Leases of earlier versions do not keep them. Of a mart that is held or fails, everything stays as it was.
    """
    if not marts:
        return ()
    done = run_pipeline(context, (), marts, rebuild=True).publications
    for each in done:
        if each.status == "published":
            _delete_earlier(context, each.mart)
    return done


def _delete_earlier(context: RunContext, mart: str) -> None:
    lake = context.lake
    for table in list_folder_names(lake, lake.path("curated", mart)):
        forget_history(context, LakeTable("curated", f"{mart}/{table}"))
    current = mart_pointer.read_pointer(lake, mart)
    files = {
        version: file
        for file in list_stored_files(lake, lake.mart(mart))
        if (version := mart_pointer.version_from_name(mart, file.path)) and current and version != current.version
    }
    removed = {name: {"files": 1, "size_bytes": file.size, "retention_days": None} for name, file in files.items()}
    record_removals(context, "marts", mart, removed)
    delete_stored_files(lake, lake.mart(mart), list(files.values()))
    mart_leases.delete_leases(lake, mart, mart_leases.expired_leases(lake, mart), files)
