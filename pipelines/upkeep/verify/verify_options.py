"""What a verification covers: everything that a listing shows, or also the content of all files or of a share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

ReadCallback = Callable[[int], None]
"""Called with the number of bytes of a file that was read."""


def _ignore_read(_size_bytes: int) -> None:
    """The default callback."""


@dataclass(frozen=True, slots=True)
class VerifyOptions:
    """``datasets``: only these (empty: the whole lake). ``deep``: files are read.

    ``shares`` and ``share``: of that many equal shares of the files, only this one is read (from 0).
    """

    datasets: frozenset[str] = frozenset()
    deep: bool = False
    shares: int = 1
    share: int = 0
    tell: ReadCallback = _ignore_read

    def reads(self, path: str) -> bool:
        """Return whether the file at ``path`` (below the lake) is read."""
        if not self.deep or self.shares == 1:
            return self.deep
        return int(hashlib.sha256(path.encode()).hexdigest()[:8], 16) % self.shares == self.share % self.shares
