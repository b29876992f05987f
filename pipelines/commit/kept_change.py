"""The change that an attempt of a commit has planned, for the next one: it holds if what it was planned from does.

In a backfill by day, most commits lose to those of other days. Their files are neither in the batch's partitions nor of
its receipts, so a merge need not be made again: nothing is read, and no file is written a second time.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import polars as pl

from citylake.pipelines.commit.delta_transaction import TableChange
from citylake.pipelines.commit.merge_context import MergeContext, overlapping_files
from citylake.pipelines.commit.table_files import TableFile
from citylake.pipelines.commit.upsert_merge import files_in_partition, follows_from_key, merge_key, staged_partitions
from citylake.pipelines.records import ConformedBatch


@dataclass(slots=True)
class KeptChange:
    """The last planned change of one batch."""

    _work: MergeContext | None = None
    _damaged: Sequence[TableFile] = ()
    _change: TableChange | None = None

    def keep(self, work: MergeContext, damaged: Sequence[TableFile], change: TableChange) -> TableChange:
        """Remember the change, and return it."""
        self._work, self._damaged, self._change = work, damaged, change
        return change

    def still(self, work: MergeContext, damaged: Sequence[TableFile]) -> TableChange | None:
        """Return the change if it would be planned again over the table that ``work`` has read; None: plan anew."""
        before = self._work
        if before is None or work.schema != before.schema or list(damaged) != list(self._damaged):
            return None
        if not _same_history(before.staged, work.staged) or _concerns(work, _news(before.stored, work.stored)):
            return None
        return self._change


def _same_history(before: ConformedBatch, now: ConformedBatch) -> bool:
    """Whether nothing is known of the batch's own receipts that was not; other receipts may have come."""
    told = before.arrivals.items() <= now.arrivals.items()
    return told and replace(before, arrivals={}) == replace(now, arrivals={})


def _news(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """The files that were added or removed, with their bounds."""
    gone, come = before.join(now, on="path", how="anti"), now.join(before, on="path", how="anti")
    return pl.concat([gone, come], how="diagonal_relaxed")


def _concerns(work: MergeContext, news: pl.DataFrame) -> bool:
    """Whether a plan for the batch may read one of the files."""
    if news.is_empty():
        return False
    receipts = sorted({*work.staged.readings, *_other_receipts(work.staged)})
    if overlapping_files(news, "_receipt", receipts[0], receipts[-1]).height if receipts else news.height:
        return True
    mode = work.write.mode
    if mode == "append":
        return False
    by_partition = mode == "replace" or (mode == "upsert" and follows_from_key(work, merge_key(work.write)))
    if by_partition and not work.text_zone:
        return any(files_in_partition(news, partition).height for partition, _ in staged_partitions(work.files))
    return True


def _other_receipts(staged: ConformedBatch) -> Iterable[str]:
    """The receipts of other versions of the batch's files."""
    yield from (older for older, _ in staged.versions)
    yield from (later for _, later in staged.newer)
