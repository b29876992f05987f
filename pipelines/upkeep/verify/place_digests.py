"""The recorded digests of one table's files: the ledger's, and those in the log that the ledger does not have yet."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from citylake.pipelines.lake.digests.file_digest import FileDigest
from citylake.pipelines.lake.digests.log_digests import LOG_FOLDER, parse_log_entry
from citylake.pipelines.upkeep.verify.ledger_records import LedgerRecords


def table_digests(records: LedgerRecords, place: str, log_files: Iterable[str]) -> dict[str, FileDigest]:
    """Return digest by path below the lake. ``log_files``: the names of the files in the table's log."""
    recorded: dict[str, FileDigest] = {}
    with suppress(Exception):  # a damaged ledger/files is a finding of its own; without it, files are decoded
        recorded = records.digests(place)
    for name in log_files:
        path = f"{place}/{LOG_FOLDER}/{name}"
        if path in recorded or not name.endswith(".json"):
            continue
        # A damaged entry is a finding of the table.
        with suppress(ValueError, KeyError, TypeError, AttributeError, FileNotFoundError):
            entry = parse_log_entry(bytes(records.ledger.lake.fs.cat_file(records.ledger.lake.path(path))))
            for file, digest in entry.digests.items():
                recorded.setdefault(f"{place}/{file}", digest)
    return recorded
