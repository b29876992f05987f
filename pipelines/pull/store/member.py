"""Members of a zip that lies in a store."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import IO, cast
from zipfile import ZipFile

from pipelines.pull import archive
from pipelines.pull.connector import Part, Tally
from pipelines.pull.store.file import File, Reading, unchanged
from pipelines.pull.store.marks import Marks
from pipelines.pull.store.taking import Taking
from schemas.faults import CitylakeError


@dataclass(slots=True)
class Members:
    """The members of the zip ``file`` that the source asks for."""

    file: File
    taking: Taking
    _marks: Marks = field(default_factory=Marks)

    def names(self) -> list[str]:
        """Their paths; raises NotYetError unless the zip is whole, CHECKSUM_DIFFERS, ZIP_BROKEN, SOURCE_NO_FILE."""
        check = self.taking.ready(self.file)
        self._marks = self.file.marks_now()
        pattern = self.taking.source.member or ""
        if check:
            with Reading(self.file) as reading:
                for _ in check.over(reading.chunks(self._marks.size)):
                    pass
            check.judge(self.file)
        with self._opened() as zipped:
            names = [archive.member_name(info) for info in archive.members(zipped, pattern)]
        if not names:
            raise CitylakeError("SOURCE_NO_FILE", source=f"{self.file.shown}!{pattern}")
        return names

    def parts(self, name: str, told: str, tally: Tally) -> Iterator[Part]:
        """The member ``name`` of the fetch ``told`` as one part; raises FILE_GROWING where the zip changes."""
        self.taking.unless_same(self.file, told)
        with self._opened() as zipped:
            info = next(info for info in zipped.infolist() if archive.member_name(info) == name)
            yield Part(name, archive.unpacked(zipped, info, self.file.shown, self.taking.source.max_bytes))
        unchanged(self.file, self._marks)
        self.taking.keep(self.file, self._marks, tally)

    @contextmanager
    def _opened(self) -> Iterator[ZipFile]:
        # Of a file, zipfile asks no more than to read, seek and tell.
        with Reading(self.file) as reading, archive.opened(cast("IO[bytes]", reading), self.file.shown) as zipped:
            yield zipped
