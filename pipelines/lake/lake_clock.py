"""The lake's clock: what is written later has the greater number, whichever machine's clock is wrong.

The numbers are microseconds since 1970 in UTC if the machine's clock is ahead of the lake's, else the lake's last
number and one. They give the order of receipts and ledger rows; they are no times.
"""

from __future__ import annotations

import os
import time
from contextlib import suppress
from dataclasses import dataclass

from citylake.pipelines.lake.lake_zones import Lake

CLOCK_FOLDER = "clock"
_KEPT = 8
"""Entries that stay: a reader that lists the folder while another process removes old entries finds a newer one."""
_TIDIED = 64
_DIGITS = 20


@dataclass(frozen=True, slots=True)
class LakeClock:
    """The clock of one lake: each reservation is an empty object in ``clock/``, named by its last number.

    The entries are not synced to the disk: after a power cut they may be fewer. Callers therefore give the greatest
    number that they have read from what the lake holds (``after``).
    """

    lake: Lake

    def reserve(self, count: int = 1, after: int = 0) -> int:
        """Reserve ``count`` numbers in a row and return the first: above ``after``, and above all reserved before.

        Two processes that reserve at the same time get different numbers, in any order.
        """
        while True:
            entries = self._entries()
            last = max(entries) if entries else _newest_number(self.lake)
            first = max(wall_clock_us(), last + 1, after + 1)
            with suppress(FileExistsError):
                self._create(first + count - 1)
                if len(entries) >= _TIDIED:
                    self._remove(sorted(entries)[:-_KEPT])
                return first

    @property
    def started(self) -> bool:
        """Whether any number was reserved."""
        return bool(self._entries())

    def _entries(self) -> list[int]:
        folder = self.lake.path(CLOCK_FOLDER)
        try:
            names = os.listdir(folder) if self.lake.local else self.lake.fs.ls(folder, detail=False)
        except FileNotFoundError:
            return []
        found = (name.rpartition("/")[2] for name in names)
        return [int(name) for name in found if name.isdecimal()]

    def _create(self, number: int) -> None:
        """Raises FileExistsError if another process has reserved the number."""
        path = self._path(number)
        if self.lake.local:
            self.lake.makedirs(self.lake.path(CLOCK_FOLDER))
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        else:
            self.lake.fs.pipe_file(path, b"", mode="create")

    def _remove(self, numbers: list[int]) -> None:
        for number in numbers:
            with suppress(FileNotFoundError):
                self.lake.remove(self._path(number))

    def _path(self, number: int) -> str:
        return self.lake.path(CLOCK_FOLDER, f"{number:0{_DIGITS}}")


def wall_clock_us() -> int:
    """The machine's clock: microseconds since 1970 in UTC."""
    return time.time_ns() // 1000


def _newest_number(lake: Lake) -> int:
    """The greatest number in the ledger, for a lake whose clock has no entry: new, restored, or of an older version."""
    from citylake.pipelines.lake.ledger.ledger_order import newest_ledger_number

    return newest_ledger_number(lake)
