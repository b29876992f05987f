"""A receipt's folder in the raw zone: its text in Parquet files, or how its landed bytes are read."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from citylake.pipelines.blocks.block import PROVENANCE_COLUMNS
from citylake.pipelines.lake.durable_files import sync_files, write_small_file
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.landed_file import is_landed_sealed
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.lake.sealed_file import SEAL_SUFFIX, seal_file
from citylake.pipelines.parse.parse_limits import GROUP_ROWS
from citylake.pipelines.parse.read_record import READ_FILE, ReadRecord
from citylake.pipelines.records import Receipt
from citylake.schemas.words.errors import CitylakeError

REFUSED_FILE = "refused.parquet"
"""The name of the file of refused records, beside the parts."""


@dataclass(frozen=True, slots=True)
class RawFile:
    """The folder of a receipt's rows; ``constants`` are columns from the file's name."""

    lake: Lake
    receipt: Receipt
    constants: Mapping[str, str | None]

    @property
    def folder(self) -> str:
        """The receipt's folder in the raw zone."""
        return self.lake.raw(self.receipt.dataset, self.receipt.id)

    @property
    def sealed(self) -> bool:
        """Whether the text is sealed, as the landed bytes are."""
        return any(map(is_landed_sealed, self.receipt.landing))

    @property
    def path(self) -> str:
        """The path of the text."""
        return self._stored("part-00000.parquet")

    def write(self, frame: pl.LazyFrame, group_rows: int = GROUP_ROWS) -> int:
        """Stream ``frame`` (source columns, ``_part``, ``_row``) into one file, replacing it; returns the row count.

        ``group_rows``: rows that are held in memory at once.
        """
        self.lake.makedirs(self.folder)
        named = {"_receipt": self.receipt.id, "_source": self.receipt.name, **self.constants}
        whole = frame.with_columns(pl.lit(value, pl.String).alias(name) for name, value in named.items())
        order = [pl.exclude(*PROVENANCE_COLUMNS), *(pl.col(name) for name in PROVENANCE_COLUMNS)]
        return self._sink(whole.select(order), self.path, group_rows)

    def replace_text(self, frame: pl.LazyFrame, refused: pl.LazyFrame | None) -> None:
        """Make ``frame`` (with all columns of a text) and ``refused`` the only files of the receipt."""
        self.lake.makedirs(self.folder)
        kept = {self.path} | ({self.refused_path} if refused is not None else set())
        self._sink(frame, self.path, GROUP_ROWS)
        if refused is not None:
            self._sink(refused, self.refused_path)
        sync_files(self.lake, kept)
        for name in self._names():
            if f"{self.folder}/{name}" not in kept:
                self.lake.remove(f"{self.folder}/{name}")

    def write_refused(self, frame: pl.LazyFrame) -> int:
        """Write the records that the reader refused, replacing them; returns their number."""
        self.lake.makedirs(self.folder)
        named = frame.with_columns(_receipt=pl.lit(self.receipt.id), _source=pl.lit(self.receipt.name))
        return self._sink(named, self.refused_path)

    @property
    def refused_path(self) -> str:
        """The path of the refused records."""
        return self._stored(REFUSED_FILE)

    def write_record(self, record: ReadRecord) -> str:
        """Make ``record`` the only file of the receipt; returns its path. An equal one stays as it is."""
        names = self._names()
        path = f"{self.folder}/{READ_FILE}"
        if READ_FILE not in names or not self._has_record(record):
            self.lake.makedirs(self.folder)
            # A new file is synced with all others of its batch, before the ledger refers to it.
            write_small_file(self.lake, path, record.to_json(), sync=bool(names))
        for name in names - {READ_FILE}:
            self.lake.remove(f"{self.folder}/{name}")
        return path

    def find_record(self) -> ReadRecord | None:
        """How the receipt was read, if its rows are not in the raw zone itself. Raises READ_RECORD_BROKEN."""
        path = f"{self.folder}/{READ_FILE}"
        try:
            return ReadRecord.from_json(self.lake.fs.cat_file(path))
        except FileNotFoundError:
            return None
        except ValueError as error:
            reason = str(error).splitlines()[0]
            raise CitylakeError("READ_RECORD_BROKEN", file=path, dataset=self.receipt.dataset, reason=reason) from error

    def _stored(self, name: str) -> str:
        return f"{self.folder}/{name}{SEAL_SUFFIX if self.sealed else ''}"

    def _sink(self, frame: pl.LazyFrame, path: str, group_rows: int | None = None) -> int:
        """Write ``frame`` to ``path``; returns its rows. A sealed file is made from a private one in scratch."""
        if not self.sealed:
            return _write_parquet(frame, path, self.lake.storage_options, group_rows)
        with scratch_folder() as scratch:
            plain = Path(scratch) / "plain.parquet"
            rows = _write_parquet(frame, str(plain), None, group_rows)
            seal_file(self.lake, plain, path)
        return rows

    def _has_record(self, record: ReadRecord) -> bool:
        with suppress(CitylakeError):
            found = self.find_record()
            return found is not None and found.same_reading(record)
        return False

    def _names(self) -> set[str]:
        try:
            return {path.rpartition("/")[2] for path in self.lake.fs.ls(self.folder, detail=False)}
        except FileNotFoundError:
            return set()

    def remove(self) -> None:
        """Remove the receipt's folder."""
        if self.lake.fs.exists(self.folder):
            self.lake.fs.rm(self.folder, recursive=True)


def _write_parquet(frame: pl.LazyFrame, path: str, options: dict[str, str] | None, group_rows: int | None) -> int:
    frame.sink_parquet(path, compression="zstd", row_group_size=group_rows, storage_options=options)
    counted = pl.scan_parquet(path, storage_options=options, glob=False).select(pl.len()).collect()
    return int(counted.item())
