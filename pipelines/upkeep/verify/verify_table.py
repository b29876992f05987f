"""Verifies one Delta table: its log, the files that the log names, and with ``deep`` the content of all files."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from citylake.pipelines.commit.table_files import list_active_files, parse_active_files
from citylake.pipelines.lake.delta_table import open_delta
from citylake.pipelines.lake.digests.file_digest import FileDigest
from citylake.pipelines.lake.digests.log_digests import LOG_FOLDER, log_file_version
from citylake.pipelines.lake.stored_files import list_stored_files
from citylake.pipelines.upkeep.lake_tables import LakeTable
from citylake.pipelines.upkeep.verify.finding import (
    ABSENT,
    Finding,
    VerifyTally,
    damaged_digest,
    damaged_file,
    unreadable_table,
)
from citylake.pipelines.upkeep.verify.ledger_records import LedgerRecords
from citylake.pipelines.upkeep.verify.place_digests import table_digests
from citylake.pipelines.upkeep.verify.read_file import FileToRead, read_files, sized_findings
from citylake.pipelines.upkeep.verify.verify_options import VerifyOptions

if TYPE_CHECKING:
    from deltalake import DeltaTable

LAST_CHECKPOINT = "_last_checkpoint"


@dataclass(slots=True)
class TableVerification:
    """The verification of one table. ``table`` is None afterwards if it could not be opened."""

    records: LedgerRecords
    of: LakeTable
    options: VerifyOptions
    tally: VerifyTally
    table: DeltaTable | None = None
    active: dict[str, tuple[int, int | None]] = field(default_factory=dict)
    """File of the current version, by path below the lake → size in bytes and rows."""

    def findings(self) -> Iterator[Finding]:
        """Yield what is wrong with the table."""
        lake, place = self.records.ledger.lake, self.of.place
        yield from self._open()
        # Listed after the log was read: a file that is committed later is not expected.
        listed = {f"{place}/{file.path}": file.size for file in list_stored_files(lake, self.of.root(lake))}
        names = sorted(path.rpartition("/")[2] for path in listed if path.startswith(f"{place}/{LOG_FOLDER}/"))
        self.tally.files += len(listed)
        self.tally.size_bytes += sum(listed.values())
        yield from self._log_gaps(names)
        sizes = [(path, size) for path, (size, _) in self.active.items()]
        wrong = {finding.path: finding for finding in sized_findings(place, sizes, listed)}
        yield from wrong.values()
        if self.options.deep:
            recorded = table_digests(self.records, place, names)
            yield from self._missing_entries(recorded, names)
            chosen = [file for file in self._to_read(listed, recorded) if file.path not in wrong]
            yield from read_files(lake, place, chosen, self.options, self.tally)

    def _open(self) -> Iterator[Finding]:
        try:
            self.table = open_delta(self.records.ledger.lake, self.of.root(self.records.ledger.lake))
            for file in parse_active_files(list_active_files(self.table)):
                self.active[f"{self.of.place}/{file.path}"] = (file.size_bytes, file.rows)
        except Exception as error:
            self.table = None
            yield unreadable_table(self.of.place, error)

    def _log_gaps(self, names: list[str]) -> Iterator[Finding]:
        """Yield commits that are missing between others; log clean-up removes only the oldest ones."""
        versions = [log_file_version(name) for name in names if name.endswith(".json")]
        for version in sorted(set(range(min(versions, default=0), max(versions, default=-1))) - set(versions)):
            yield self._log_file(f"{version:020}.json", ABSENT)
        if LAST_CHECKPOINT in names:
            yield from self._last_checkpoint(names)

    def _last_checkpoint(self, names: list[str]) -> Iterator[Finding]:
        path = f"{self.of.root(self.records.ledger.lake)}/{LOG_FOLDER}/{LAST_CHECKPOINT}"
        try:
            version = int(json.loads(self.records.ledger.lake.fs.cat_file(path))["version"])
        except (ValueError, KeyError, TypeError) as error:
            yield self._log_file(LAST_CHECKPOINT, f"{type(error).__name__}: {error}")
            return
        if not any(log_file_version(name) == version and not name.endswith(".json") for name in names):
            yield self._log_file(f"{version:020}.checkpoint.parquet", ABSENT)

    def _missing_entries(self, recorded: dict[str, FileDigest], names: list[str]) -> Iterator[Finding]:
        """Yield recorded commits that are newer than the newest one in the log."""
        versions = [log_file_version(name) for name in names if name.endswith(".json")]
        begin = f"{self.of.place}/{LOG_FOLDER}/"
        for path, digest in recorded.items():
            if path.startswith(begin) and path.endswith(".json"):
                version = log_file_version(path.removeprefix(begin))
                # Another process can have committed and recorded it after the listing.
                if version > max(versions, default=-1) and not self.records.ledger.lake.fs.exists(
                    self.records.ledger.lake.path(path)
                ):
                    yield damaged_digest(self.of.place, path, digest, None)

    def _log_file(self, name: str, found: str) -> Finding:
        return damaged_file(self.of.place, f"{self.of.place}/{LOG_FOLDER}/{name}", name, found)

    def _to_read(self, listed: dict[str, int], recorded: dict[str, FileDigest]) -> Iterator[FileToRead]:
        """Yield every file with a digest, and of the others those of the log and of the current version."""
        begin = f"{self.of.place}/{LOG_FOLDER}/"
        for path, size in listed.items():
            in_log = log_file_version(path.removeprefix(begin)) >= 0
            if path in recorded or path in self.active or in_log:
                rows = self.active.get(path, (0, None))[1]
                needed = in_log or path in self.active or self.table is None
                yield FileToRead(path, size, recorded.get(path), rows, needed=needed)
