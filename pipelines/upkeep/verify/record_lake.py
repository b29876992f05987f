"""Records the digests of files that have none yet: of older revisions, and of runs that were killed."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.pipelines.lake.digests.file_digest import digest_files
from citylake.pipelines.lake.digests.record_files import record_published_files, record_table_files
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger, files_table
from citylake.pipelines.lake.stored_files import list_folder_names, list_stored_files
from citylake.pipelines.upkeep.lake_tables import list_lake_tables
from citylake.pipelines.upkeep.verify.finding import unreadable_place


def record_lake_files(ledger: Ledger, run: str) -> int:
    """Record every file without a digest; return how many there were. What they are now is taken as right."""
    before = ledger.read(files_table.TABLE).height
    tables = sorted(list_lake_tables(ledger.lake), key=lambda table: table.zone == "ledger")
    for table in tables:
        known = ledger.recorded_digests(table.place)
        with unreadable_place(table.place):
            record_table_files(ledger, run, table.place, known=known)
    for place in _file_places(ledger.lake):
        _record_files(ledger, run, place)
    found = ledger.read(files_table.TABLE).height - before
    ledger.flush()
    return found


def _file_places(lake: Lake) -> Iterator[str]:
    for zone in ("raw", "marts"):
        yield from (f"{zone}/{name}" for name in list_folder_names(lake, lake.path(zone)))


def _record_files(ledger: Ledger, run: str, place: str) -> None:
    known = ledger.recorded_digests(place)
    zone, _, name = place.partition("/")
    if zone == "marts" and not any("@" in path for path in known):
        record_published_files(ledger, run, name)
    listed = [f"{place}/{file.path}" for file in list_stored_files(ledger.lake, ledger.lake.path(place))]
    fresh = [path for path in listed if path not in known and (zone == "raw" or path.endswith(".duckdb"))]
    found = digest_files(ledger.lake, [ledger.lake.path(path) for path in fresh])
    ledger.add_files(
        run, place, [(path.removeprefix(f"{ledger.lake.url}/"), each, "found") for path, each in found.items()]
    )
