"""The state of merging one batch into one version of its table, and the rows that the merge removes from files."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import polars as pl

from citylake.pipelines.commit.delta_transaction import TableChange
from citylake.pipelines.commit.table_files import TableFile, parse_active_files, read_footers, scan_table_file
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import duplicates_table
from citylake.pipelines.records import ConformedBatch
from citylake.schemas.model.contract import WriteSettings

AT, FILE, IN_BATCH = "__at", "__file", "__in_batch"
"""Columns that locate a row during the merge: row number in its file, path of its file, whether it is in this batch."""


@dataclass(slots=True)
class MergeContext:
    """One batch and one version of its table.

    ``root``: the table's folder. ``schema``: columns of its files. ``columns``: the contract's columns; rows that are
    equal in them are duplicates. ``files``: staged files. ``stored``: active files, as ``list_active_files`` returns.
    ``text_zone``: the zone of the source's days if they are not the table's; rows of earlier versions may stand in the
    partitions of those days.
    """

    lake: Lake
    root: str
    staged: ConformedBatch
    write: WriteSettings
    schema: pl.Schema
    columns: Sequence[str]
    files: Sequence[TableFile]
    stored: pl.DataFrame
    text_zone: str = ""
    change: TableChange = field(default_factory=TableChange)
    losers: list[str] = field(default_factory=list)
    """Files of lost rows in the folder of the ledger's duplicates. They are added to its log after this commit."""
    taken: dict[str, list[pl.Series]] = field(default_factory=dict)
    """Path of a file → row numbers to remove."""
    exact: int = 0
    superseded: int = 0

    def scan(self, files: Iterable[TableFile], *, in_batch: bool) -> pl.LazyFrame:
        """Scan the rows of the files that are not removed, with the columns ``AT``, ``FILE`` and ``IN_BATCH``."""
        return pl.concat([self._scan_one(file, in_batch=in_batch) for file in files] or [self._nothing()])

    def _scan_one(self, file: TableFile, *, in_batch: bool) -> pl.LazyFrame:
        rows = scan_table_file(self.lake, self.root, file.path, self.schema, row_index_name=AT)
        if file.path in self.taken:
            rows = rows.filter(~pl.col(AT).is_in(self.positions(file).implode()))
        return rows.with_columns(pl.lit(file.path).alias(FILE), pl.lit(in_batch).alias(IN_BATCH))

    def _nothing(self) -> pl.LazyFrame:
        extra = {AT: pl.get_index_type(), **self.schema, FILE: pl.String(), IN_BATCH: pl.Boolean()}
        return pl.LazyFrame(schema=extra)

    def positions(self, file: TableFile) -> pl.Series:
        """Return the row numbers that are removed from ``file``."""
        return pl.concat(self.taken[file.path]).unique()

    def take(self, rows: pl.DataFrame) -> None:
        """Mark the rows located by ``FILE`` and ``AT`` as removed."""
        for (path,), group in rows.group_by(FILE):
            self.taken.setdefault(str(path), []).append(group[AT].cast(pl.get_index_type()))

    def lose(self, rows: pl.LazyFrame) -> None:
        """Write lost rows to a file in the folder of the ledger's duplicates.

        ``rows`` has the columns of that table except ``dataset``.
        """
        root = self.lake.ledger(duplicates_table.TABLE)
        self.lake.makedirs(root)
        path = f"{root}/{self.staged.batch}-{uuid.uuid4().hex}.parquet"
        named = rows.with_columns(dataset=pl.lit(self.staged.dataset)).select(duplicates_table.SCHEMA.names())
        named.sink_parquet(path, storage_options=self.lake.storage_options)
        self.losers.append(path)
        self.change.written.append(path)

    def finish(self, stored: Sequence[TableFile]) -> TableChange:
        """Return the change: add the staged files, and remove the stored files that lost rows.

        A file that keeps some of its rows is rewritten without the removed ones.
        """
        for file in self.files:
            self.change.adds += [file] if file.path not in self.taken else self._rest(file)
        for file in stored:
            if file.path in self.taken:
                self.change.removes.append(file)
                self.change.adds += self._rest(file)
        return self.change

    def _rest(self, file: TableFile) -> list[TableFile]:
        if len(self.positions(file)) == file.rows:
            return []
        folder = file.path.rpartition("/")[0]
        name = f"{self.staged.batch}-{uuid.uuid4().hex}.parquet"
        path = f"{folder}/{name}" if folder else name
        rest = self._scan_one(file, in_batch=False).select(self.schema.names())
        return [self.write_file(path, rest)]

    def write_file(self, path: str, rows: pl.LazyFrame) -> TableFile:
        """Write a new file of the table; it is deleted if the transaction fails. ``path``: relative to the table."""
        whole = f"{self.root}/{path}"
        rows.sink_parquet(whole, storage_options=self.lake.storage_options)
        self.change.written.append(whole)
        return read_footers(self.lake, self.root, [whole])[0]


def overlapping_files(stored: pl.DataFrame, column: str, least: object, most: object) -> pl.DataFrame:
    """Return the files whose bounds of ``column`` overlap [``least``, ``most``], and files without bounds."""
    lower, upper = f"min.{column}", f"max.{column}"
    if least is None or most is None or lower not in stored.columns or stored.schema[lower].is_nested():
        return stored
    kind = stored.schema[lower]
    out = (pl.col(lower) > pl.lit(most, dtype=kind)) | (pl.col(upper) < pl.lit(least, dtype=kind))
    return stored.filter(~out.fill_null(value=False))


def find_reread_rows(work: MergeContext) -> pl.DataFrame:
    """Return ``FILE, AT`` of rows that an earlier batch made from the batch's receipts, or from the same bytes.

    They are removed: a replay replaces what the same bytes gave under earlier declarations.
    """
    receipts = work.staged.readings
    near = overlapping_files(work.stored, "_receipt", receipts[0], receipts[-1]) if receipts else work.stored.clear()
    mine = pl.col("_receipt").is_in(list(receipts)) & (pl.col("_batch") != work.staged.batch)
    rows = work.scan(parse_active_files(near), in_batch=False).filter(mine).select(FILE, AT)
    return rows.collect(engine="streaming")
