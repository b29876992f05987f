"""The commit of a batch's refused rows, and what becomes of rows that earlier readings of its receipts refused.

A refused row is the same row in every reading of the same bytes. Its identity is the first receipt of these bytes, the
part and the row; reshaping adds the cell to the part, so that each piece of a source row has its own. Of an earlier
reading, a row that this one

- refuses, too, leaves the table: the row of the batch takes its place, with the receipt of its id, the time at which it
  was refused first, and the number of readings that refused it;
- does not refuse stays, as ``returned``: in the standard table, dropped as a duplicate, or filtered;
- does not have, because the source has delivered another version of the file (write mode append), stays as
  ``superseded``. The new version's rows are other rows: their numbers can have moved.

A row whose values alone are refused is no other row than one that is refused as a whole. Rows of a held batch leave the
table once their receipts are committed: to be held is not to be refused. Rows in damaged files cannot be read: they are
lost with these files, and those that are still refused count as seen for the first time.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from citylake.pipelines.commit.append_replace import APPEND_WRITE
from citylake.pipelines.commit.delta_transaction import TableChange, commit_once
from citylake.pipelines.commit.merge_context import AT, FILE, MergeContext, overlapping_files
from citylake.pipelines.commit.readable_files import joint_schema, readable_files
from citylake.pipelines.commit.table_files import TableFile, parse_active_files, read_footers
from citylake.pipelines.commit.table_schema import open_or_create_table, table_file_columns
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.lake.quarantine_life import IS_OPEN, LIFE_SCHEMA, life_columns
from citylake.pipelines.records import ConformedBatch

if TYPE_CHECKING:
    from deltalake import DeltaTable

RefreshBatch = Callable[[ConformedBatch], ConformedBatch]
ROWS_AT_ONCE = 500_000
"""Earlier rows that are compared in memory at once."""
_FIRST = "__first_arrival"
_IDENTITY = (_FIRST, "_part", "_row")
_CLOSES_AS = "__closes_as"
_REFUSED_ONCE = ("open", "returned", "superseded")
"""The states of rows that a reading has refused."""


def commit_quarantine(
    staged: ConformedBatch, lake: Lake, refresh: RefreshBatch = lambda staged: staged, overtaken: Collection[str] = ()
) -> None:
    """Add the batch's refused rows, and close or replace those of earlier readings, in one transaction.

    ``refresh`` gives the batch with its present history, each time the table has been read. ``overtaken``: receipts of
    versions of which a later one is committed: their rows come in as ``superseded``.
    """
    root = lake.quarantine(staged.dataset)
    files = read_footers(lake, root, staged.quarantine)
    if not files and open_delta_if_exists(lake, root) is None:
        return
    life = pa.schema(LIFE_SCHEMA)
    wanted = pa.unify_schemas([joint_schema(files), life]) if files else life

    def plan(table: DeltaTable) -> TableChange:
        stored, damaged = readable_files(staged, lake, root, table)
        columns = table_file_columns(table)
        now = refresh(staged)
        work = MergeContext(lake, root, now, APPEND_WRITE, columns, (), files, stored)
        change = _plan_quarantine(work)
        closed = {*overtaken, *(receipt for receipt, later in now.newer if later in now.settled)}
        if closed and change.adds:
            change.adds = [_superseded_file(work, change.adds, closed)]
        change.removes += damaged
        return change

    commit_once(lake, staged.batch, lambda: open_or_create_table(lake, root, wanted), plan)


def _superseded_file(work: MergeContext, files: Sequence[TableFile], overtaken: Collection[str]) -> TableFile:
    """Write one file with the rows of ``files``; those of ``overtaken`` receipts are closed."""
    closes = pl.col("_receipt").is_in(list(overtaken)) & IS_OPEN
    rows = work.scan(files, in_batch=True).with_columns(
        pl.when(closes).then(pl.lit("superseded")).otherwise("state").alias("state"),
        pl.when(closes).then(_now()).otherwise("closed_at").alias("closed_at"),
        pl.when(closes).then(pl.lit(work.staged.batch)).otherwise("closed_by_batch").alias("closed_by_batch"),
    )
    path = f"{work.staged.batch}-superseded-{uuid.uuid4().hex}.parquet"
    return work.write_file(path, rows.select(work.schema.names()))


def _now() -> pl.Expr:
    return pl.lit(datetime.now(UTC), pl.Datetime("us", "UTC"))


def _plan_quarantine(work: MergeContext) -> TableChange:
    near = _files_of_earlier_readings(work)
    count = _earlier_rows(work, near).select(pl.len()).collect(engine="streaming").item() if near else 0
    if not count:
        work.change.adds += work.files
        return work.change
    earlier = _EarlierReadings(work, near, _first_arrivals(work), buckets=-(-count // ROWS_AT_ONCE))
    return earlier.settle()


def _files_of_earlier_readings(work: MergeContext) -> list[TableFile]:
    replaced = sorted(work.staged.replaced_receipts)
    if not replaced:
        return []
    return parse_active_files(overlapping_files(work.stored, "_receipt", replaced[0], replaced[-1]))


def _earlier_rows(work: MergeContext, near: list[TableFile]) -> pl.LazyFrame:
    rows = work.scan(near, in_batch=False)
    return rows.filter(pl.col("_receipt").is_in(sorted(work.staged.replaced_receipts)))


def _first_arrivals(work: MergeContext) -> dict[str, str]:
    """Return receipt → the first receipt of the same bytes, also of bytes that returned after others.

    Receipts of one batch that have the same name and the same bytes are told apart by their sources.
    """
    staged = work.staged
    found = Ledger(work.lake).received_receipts(staged.dataset).filter(pl.col("id").is_in(list(staged.readings)))
    several = pl.col("id").is_in(list(staged.receipts)).sum().over("name", "sha256") > 1
    placed = found.with_columns(pl.when(several).then("source").otherwise(pl.lit("")).alias("place"))
    first = placed.select("id", pl.col("id").min().over("name", "sha256", "place").alias("first"))
    return {**staged.arrivals, **dict(first.iter_rows())}


@dataclass(slots=True)
class _EarlierReadings:
    """The earlier rows of the batch's receipts in the files ``near``, compared with the batch in ``buckets`` parts."""

    work: MergeContext
    near: list[TableFile]
    arrivals: dict[str, str]
    buckets: int
    closing: list[pl.DataFrame] = field(default_factory=list)
    """``FILE, AT, _CLOSES_AS`` of rows that are closed."""

    def settle(self) -> TableChange:
        """Plan the change."""
        for number in range(self.buckets):
            earlier = self._earlier(number)
            if self.work.files:
                fresh = self._fresh().filter(self._bucket(number))
                refused = fresh.select(_IDENTITY).unique().collect(engine="streaming")
                again = earlier.join(refused, on=_IDENTITY, how="semi")
                self._replace_staged(number, fresh, again.filter(pl.col("state").is_in(_REFUSED_ONCE)))
                self.work.take(again)
                earlier = earlier.join(refused, on=_IDENTITY, how="anti")
            self.work.take(earlier.filter(pl.col("state") == "held"))
            self._close(earlier)
        self._rewrite_stored()
        return self.work.change

    def _bucket(self, number: int) -> pl.Expr:
        return pl.col("_row") % self.buckets == number

    def _earlier(self, number: int) -> pl.DataFrame:
        rows = _earlier_rows(self.work, self.near).filter(self._bucket(number)).with_columns(*life_columns())
        kept = ("first_receipt", "first_seen_at", "times_seen", "state")
        has_reason = (pl.col("codes").list.len() > 0).fill_null(value=False).alias("has_reason")
        return (
            self._placed(rows).select(FILE, AT, "_receipt", *_IDENTITY, *kept, has_reason).collect(engine="streaming")
        )

    def _placed(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        first = pl.col("_receipt").replace(list(self.arrivals), list(self.arrivals.values()))
        return rows.with_columns(first.alias(_FIRST), pl.col("_part").fill_null(""))

    def _fresh(self) -> pl.LazyFrame:
        return self._placed(self.work.scan(self.work.files, in_batch=True))

    def _replace_staged(self, number: int, fresh: pl.LazyFrame, refused_before: pl.DataFrame) -> None:
        """Write the batch's rows of a bucket, with what earlier readings say of them."""
        known = refused_before.group_by(_IDENTITY).agg(
            pl.col("first_receipt").sort_by("first_seen_at", "first_receipt").first().alias("__id"),
            pl.col("first_seen_at").min().alias("__since"),
            (pl.col("times_seen").max() + 1).alias("__times"),
        )
        told = fresh.join(known.lazy(), on=_IDENTITY, how="left").with_columns(
            pl.col("__id").alias("first_receipt"),
            pl.col("__since").alias("first_seen_at"),
            pl.col("__times").alias("times_seen"),
        )
        self._add(told, f"refused-{number}")

    def _close(self, earlier: pl.DataFrame) -> None:
        """Note the rows that are no longer refused; those that were closed before stay as they are."""
        read_again = pl.col("_receipt").is_in(list(self.work.staged.readings))
        closed_as = pl.when(read_again).then(pl.lit("returned")).otherwise(pl.lit("superseded")).alias(_CLOSES_AS)
        self.closing.append(earlier.filter(IS_OPEN).select(FILE, AT, closed_as))

    def _rewrite_stored(self) -> None:
        """Replace the files with rows that leave or are closed by one with the rows that stay."""
        closing = pl.concat(self.closing)
        touched = {*self.work.taken, *closing[FILE].unique()}
        files = [file for file in self.near if file.path in touched]
        self.work.change.removes += files
        gone = sum(len(self.work.positions(file)) for file in files if file.path in self.work.taken)
        if gone == sum(file.rows for file in files):
            return
        rest = self.work.scan(files, in_batch=False).join(closing.lazy(), on=[FILE, AT], how="left")
        closes, now = pl.col(_CLOSES_AS).is_not_null(), _now()
        self._add(
            rest.with_columns(
                pl.coalesce(_CLOSES_AS, "state").alias("state"),
                pl.when(closes).then(now).otherwise("closed_at").alias("closed_at"),
                pl.when(closes)
                .then(pl.lit(self.work.staged.batch))
                .otherwise("closed_by_batch")
                .alias("closed_by_batch"),
            ),
            "kept",
        )

    def _add(self, rows: pl.LazyFrame, name: str) -> None:
        path = f"{self.work.staged.batch}-{name}-{uuid.uuid4().hex}.parquet"
        file = self.work.write_file(path, rows.select(self.work.schema.names()))
        if file.rows:
            self.work.change.adds.append(file)
        else:
            self.work.lake.remove(self.work.change.written.pop())
