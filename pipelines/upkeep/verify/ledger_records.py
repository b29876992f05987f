"""What the ledger says of the files of many places: read for all of them together, because each asks in its turn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

import polars as pl

from citylake.pipelines.lake.digests.file_digest import FileDigest
from citylake.pipelines.lake.ledger import Ledger, files_table, publications_table, removals_table

PLACES_AT_ONCE = 512
"""Places whose records are in memory together; a year of one place has some thousand."""
_COLUMNS = ("path", "size_bytes", "sha256", "run", "recorded_at")


@dataclass
class LedgerRecords:
    """The ledger as it was at the first question. ``places``: those that will be asked for, in that order."""

    ledger: Ledger
    places: Sequence[str] = ()
    _rows: Mapping[str, pl.DataFrame] = field(default_factory=dict)

    def digests(self, place: str) -> dict[str, FileDigest]:
        """Return the recorded digests by path below the lake, of the files of one table or folder."""
        rows = self._files(place).select("path", "size_bytes", "sha256")
        return {path: FileDigest(size, sha256) for path, size, sha256 in rows.iter_rows()}

    def last_raw_digests(self, place: str) -> dict[str, tuple[FileDigest, datetime]]:
        """Return path → digest and time of the record, of each receipt's folder as the last run recorded it.

        Not of earlier runs: a replay can write fewer parts.
        """
        folder = pl.col("path").str.split("/").list.get(2)
        last = self._files(place).filter(pl.col("run") == pl.col("run").last().over(folder))
        found = last.select("path", "size_bytes", "sha256", "recorded_at").iter_rows()
        return {path: (FileDigest(size, sha256), at) for path, size, sha256, at in found}

    def removed(self, zone: str, dataset: str, absent: Iterable[str] = ()) -> frozenset[str]:
        """Return the receipts whose files retention has removed from a zone.

        ``absent``: receipts with files that are not there. Retention records a removal before it deletes the files, so
        what it has removed meanwhile is found in a second look.
        """
        known = self._removed.get((zone, dataset), frozenset())
        if known.issuperset(absent):
            return known
        self._removed = _read_removed(self.ledger)
        return self._removed.get((zone, dataset), frozenset())

    def published(self, mart: str) -> list[str]:
        """Return the versions of a mart, oldest first, that can be current."""
        chosen = self._published.get((mart,))
        if chosen is None:
            return []
        # Up to the last rollback, older versions may be current; nothing but a newer publication comes after it.
        back = chosen.with_row_index().filter(pl.col("status") == "rolled_back")["index"].max()
        return chosen[back if isinstance(back, int) else 0 :]["version"].sort().to_list()

    @cached_property
    def _removed(self) -> dict[tuple[str, str], frozenset[str]]:
        return _read_removed(self.ledger)

    @cached_property
    def _published(self) -> dict[tuple[object, ...], pl.DataFrame]:
        rows = self.ledger.read(publications_table.TABLE)
        made = rows.filter(pl.col("status").is_in(publications_table.MADE_CURRENT))
        return made.partition_by("mart", as_dict=True, maintain_order=True)

    @cached_property
    def _order(self) -> dict[str, int]:
        return {place: number for number, place in enumerate(self.places)}

    def _files(self, place: str) -> pl.DataFrame:
        if place not in self._rows:
            first = self._order.get(place)
            chosen = [place] if first is None else self.places[first : first + PLACES_AT_ONCE]
            rows = self.ledger.read(files_table.TABLE, pl.col("place").is_in(list(chosen)))
            parts = rows.partition_by("place", as_dict=True, maintain_order=True)
            self._rows = {name: parts.get((name,), rows.clear()).select(_COLUMNS) for name in chosen}
        return self._rows[place]


def _read_removed(ledger: Ledger) -> dict[tuple[str, str], frozenset[str]]:
    grouped = ledger.read(removals_table.TABLE).group_by("zone", "subject").agg("name")
    return {(zone, subject): frozenset(names) for zone, subject, names in grouped.iter_rows()}
