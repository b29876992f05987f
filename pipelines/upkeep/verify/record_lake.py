"""Records the digests of files that have none yet: of older revisions, and of runs that were killed."""

from __future__ import annotations

from collections.abc import Iterator

from citylake.pipelines.lake.delta_table import delta_exists
from citylake.pipelines.lake.digests.file_digest import digest_files
from citylake.pipelines.lake.digests.record_files import (
    record_published_files,
    record_raw_files,
    record_table_files,
)
from citylake.pipelines.lake.lake_zones import STABLE_FILE, Lake
from citylake.pipelines.lake.ledger import Ledger, files_table
from citylake.pipelines.lake.stored_files import list_folder_names, list_mart_names, list_stored_files
from citylake.pipelines.upkeep.lake_tables import LakeTable, list_lake_tables
from citylake.pipelines.upkeep.verify.finding import unreadable_place
from citylake.pipelines.upkeep.verify.ledger_records import LedgerRecords


def record_lake_files(ledger: Ledger, run: str) -> int:
    """Record every file without a digest; return how many there were. What they are now is taken as right."""
    before = ledger.read(files_table.TABLE).height
    own = LakeTable("ledger", files_table.TABLE)
    tables, places = list_lake_tables(ledger.lake), list(_file_places(ledger.lake))
    # Each place is asked for once, before its own records are added.
    records = LedgerRecords(ledger, [*(table.place for table in tables), *places])
    for table in tables:
        if table != own:
            _record_table(records, run, table)
    for place in places:
        _record_files(records, run, place)
    found = ledger.read(files_table.TABLE).height - before
    if found and delta_exists(ledger.lake, own.root(ledger.lake)):
        # Only with others: a record of its own last commit alone would be the next one to record.
        _record_table(LedgerRecords(ledger), run, own)
    ledger.flush()
    return found


def _record_table(records: LedgerRecords, run: str, table: LakeTable) -> None:
    known = records.digests(table.place)
    with unreadable_place(table.place):
        record_table_files(records.ledger, run, table.place, known=known)


def _file_places(lake: Lake) -> Iterator[str]:
    yield from (f"raw/{name}" for name in list_folder_names(lake, lake.path("raw")))
    yield from (f"marts/{name}" for name in list_mart_names(lake))


def _record_files(records: LedgerRecords, run: str, place: str) -> None:
    ledger, (zone, _, name) = records.ledger, place.partition("/")
    listed = {f"{place}/{file.path}": file for file in list_stored_files(ledger.lake, ledger.lake.path(place))}
    if zone == "raw":
        # A file that was written after its record is of a replay that was killed, or of a restore.
        known = {path: at for path, (_, at) in records.last_raw_digests(place).items()}
        fresh = [path for path, file in listed.items() if path not in known or file.modified > known[path]]
        receipts = dict.fromkeys(path.split("/")[2] for path in fresh)
        for receipt in receipts:  # whole folders: the last run that recorded one says what is in it
            record_raw_files(ledger, run, name, receipt)
        return
    recorded = records.digests(place)
    if not any("@" in path for path in recorded):
        record_published_files(ledger, run, name)
    named = f"{place}/{STABLE_FILE}"
    fresh = [path for path in listed if path not in recorded and path.endswith(".duckdb") and path != named]
    found = digest_files(ledger.lake, [ledger.lake.path(path) for path in fresh])
    ledger.add_files(
        run, place, [(path.removeprefix(f"{ledger.lake.url}/"), each, "found") for path, each in found.items()]
    )
