"""The recorded digests of a lake's files, which a backup compares with what it reads."""

from __future__ import annotations

from collections.abc import Container, Mapping

from citylake.pipelines.lake.digests.file_digest import FileDigest
from citylake.pipelines.lake.digests.log_digests import LOG_FOLDER
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.landed_file import sealed_name
from citylake.pipelines.lake.ledger import Ledger, receipts_table
from citylake.pipelines.lake.stored_files import list_folder_names, list_mart_names
from citylake.pipelines.upkeep.backup.pinned_lake import PinnedLake, list_lake_folder
from citylake.pipelines.upkeep.verify.ledger_records import LedgerRecords
from citylake.pipelines.upkeep.verify.place_digests import table_digests
from citylake.pipelines.upkeep.verify.verify_landing import LandedReceipt, landed_receipts


def pinned_digests(lake: Lake, pinned: PinnedLake) -> dict[str, FileDigest]:
    """Return digest by path below the lake, of tables, marts and landed bytes.

    Not of raw text, which a replay replaces; not of receipts with several files, whose digest is of all together; and
    not of landed files that the lake compressed. Sealed files have a digest of their stored bytes.
    """
    found = dict[str, FileDigest]()
    marts = [f"marts/{name}" for name in list_mart_names(lake)]
    datasets = list_folder_names(lake, lake.path("landing"))
    records = LedgerRecords(Ledger(lake), [*pinned.tables, *marts, *(f"landing/{name}" for name in datasets)])
    for table in pinned.tables:
        found |= table_digests(records, table, list_lake_folder(lake, table, LOG_FOLDER))
    for place in marts:
        found |= records.digests(place)
    for dataset in datasets:
        received = landed_receipts(records, dataset)
        found |= {each.files[0]: each.digest for each in received if _stored_as_received(each)}
        found |= records.digests(f"landing/{dataset}")
    return found


def _stored_as_received(receipt: LandedReceipt) -> bool:
    return len(receipt.files) == 1 and receipt.as_received


def damaged_paths(recorded: Mapping[str, FileDigest], read: Mapping[str, str]) -> tuple[str, ...]:
    """Return the paths of ``read`` (path → SHA-256 of what was read) that are not as recorded."""
    return tuple(sorted(path for path, sha256 in read.items() if path in recorded and recorded[path].sha256 != sha256))


def _copied_or_there(lake: Lake, file: str, copied: Container[str]) -> bool:
    return any(name in copied or lake.fs.exists(lake.path(name)) for name in (file, sealed_name(file)))


def lost_landed_files(lake: Lake, copied: Container[str]) -> tuple[str, ...]:
    """Return the landed files that receipts name, that retention has not removed, and that do not exist."""
    records, found = LedgerRecords(Ledger(lake)), set[str]()
    for dataset in records.ledger.read(receipts_table.TABLE)["dataset"].unique():
        named = (file for receipt in landed_receipts(records, dataset) for file in receipt.files)
        found |= {file for file in named if not _copied_or_there(lake, file, copied)}
    if not found:
        return ()
    # Retention records a removal before it deletes the files: what was removed meanwhile is not lost.
    records = LedgerRecords(Ledger(lake))
    datasets = {file.split("/")[1] for file in found}
    kept = {file for name in datasets for receipt in landed_receipts(records, name) for file in receipt.files}
    return tuple(sorted(found & kept))
