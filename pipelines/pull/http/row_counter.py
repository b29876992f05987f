"""Counting the rows of a paged pull, and detecting repeated pages and rows."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from citylake.pipelines.pull.http.json_document import digest_records, encode_canonical
from citylake.schemas.words.errors import CitylakeError


@dataclass(slots=True)
class RowCounter:
    """The rows so far of ``shown``. Keys take 8 bytes a row: two of them collide once in some 10¹⁹ pairs."""

    shown: str
    stored: int = 0
    pages: int = 0
    _pages: set[str] = field(default_factory=set)
    _order: list[str] = field(default_factory=list)
    _keys: array[int] = field(default_factory=lambda: array("Q"))

    def take(self, records: Sequence[Any], keys: Iterable[Any] | None = None) -> None:
        """Count a page and the keys of its rows, if they have any; raises PAGE_REPEATED if it came before."""
        self.pages += 1
        if records:
            digest = self.print(records)
            if digest in self._pages:
                raise CitylakeError("PAGE_REPEATED", source=self.shown, page=self.pages)
            self._pages.add(digest)
            self._order.append(digest)
        self.stored += len(records)
        self._keys.extend(map(_hash_key, keys or ()))

    @staticmethod
    def print(records: Sequence[Any]) -> str:
        """The fingerprint of a page's records."""
        return digest_records(records)[:16]

    def repeats(self) -> int:
        """The number of keys that came before."""
        return len(self._keys) - self._distinct()

    def known(self) -> list[str]:
        """Fingerprints of the pages so far, for :meth:`remember` in a later pull."""
        return self._order

    def remember(self, known: list[str]) -> None:
        """The pages that an earlier pull landed."""
        self._order.extend(known)
        self._pages.update(known)

    def settle(self, before: int | None, after: int | None) -> None:
        """Raise ROWS_SHIFTED if rows moved between the pages while they were read.

        ``before``, ``after``: the declared counts at the beginning and at the end.
        """
        repeats = self.repeats()
        if repeats or (before is not None and after is not None and before != after):
            known = {"before": before if before is not None else "—", "after": after if after is not None else "—"}
            different = self.stored - repeats
            raise CitylakeError("ROWS_SHIFTED", source=self.shown, stored=self.stored, distinct=different, **known)

    def _distinct(self) -> int:
        import numpy as np

        return int(np.unique(np.frombuffer(self._keys, dtype=np.uint64)).size) if self._keys else 0


def _hash_key(key: Any) -> int:
    text = key if isinstance(key, str) else encode_canonical(key)
    return int.from_bytes(blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest(), "little")
