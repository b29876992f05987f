"""Which files of a partition are versions of one another, and which hold other parts of it.

The days of a file need not be those of the table: a file of one UTC day has rows of two local days. Two such files that
follow one another meet in a local day, and neither replaces the other there.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from citylake.pipelines.commit.merge_context import MergeContext, overlapping_files
from citylake.pipelines.commit.table_files import parse_active_files

Claim = dict[str, Any]
"""A receipt in a partition: ``_receipt``, one of its sources, its ``rows``, its ``first`` and ``last`` time there."""
Period = tuple[Any, Any]
"""The first and the last time of a receipt."""


class FilePeriods:
    """The times of the receipts of one batch and of its table."""

    def __init__(self, work: MergeContext) -> None:
        self._work = work
        self._column = (work.write.partition or "").rstrip(")").partition("(")[2]
        self._whole: dict[str, Period] = {}

    def claims(self, rows: pl.LazyFrame) -> pl.DataFrame:
        """The receipts among the rows of a partition."""
        time = pl.col(self._column) if self._column else pl.lit(None)
        counted = rows.group_by("_receipt").agg(
            pl.col("_source").min(), rows=pl.len(), _row=0, first=time.min(), last=time.max()
        )
        return counted.collect(engine="streaming")

    def replaced(self, claims: Sequence[Claim]) -> Iterator[tuple[Claim, list[Claim]]]:
        """Yield each claim that stays and replaces others, with those; ``claims``: the oldest first."""
        kept: list[tuple[Claim, list[Claim]]] = []
        for claim in reversed(claims):
            older = next((older for newer, older in kept if not self._apart(claim, newer)), None)
            if older is None:
                kept.append((claim, []))
            else:
                older.append(claim)
        return ((claim, older) for claim, older in kept if older)

    def _apart(self, older: Claim, newer: Claim) -> bool:
        """Whether one file ends before the other begins, and at least one of them reaches beyond the partition."""
        if not _disjoint((older["first"], older["last"]), (newer["first"], newer["last"])):
            return False
        whole = [self._period(claim["_receipt"]) for claim in (older, newer)]
        beyond = any(
            period != (claim["first"], claim["last"]) for period, claim in zip(whole, (older, newer), strict=True)
        )
        return beyond and _disjoint(*whole)

    def _period(self, receipt: str) -> Period:
        """The first and the last time of a receipt in all partitions."""
        if not self._whole:
            self._whole = self._periods(self._work.scan(self._work.files, in_batch=True))
        if receipt not in self._whole:
            near = parse_active_files(overlapping_files(self._work.stored, "_receipt", receipt, receipt))
            rows = self._work.scan(near, in_batch=False).filter(pl.col("_receipt") == receipt)
            self._whole |= self._periods(rows)
        return self._whole[receipt]

    def _periods(self, rows: pl.LazyFrame) -> dict[str, Period]:
        time = pl.col(self._column)
        found = rows.group_by("_receipt").agg(first=time.min(), last=time.max()).collect(engine="streaming")
        return {receipt: (first, last) for receipt, first, last in found.iter_rows()}


def _disjoint(one: Period, other: Period) -> bool:
    if None in (*one, *other):
        return False
    return bool(one[1] < other[0] or other[1] < one[0])
