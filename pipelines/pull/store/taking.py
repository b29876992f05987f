"""Taking one file: once it is whole, unless it is committed already, and as its checksum says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pipelines.pull.connector import NotModifiedError, Part, Proof, Pulling, Tally
from pipelines.pull.store.beside import flagged, found, settled, wait
from pipelines.pull.store.checksum import Check, declared
from pipelines.pull.store.file import File, Reading, unchanged
from pipelines.pull.store.listing import Listing
from pipelines.pull.store.marks import Marks
from schemas.declaration import length
from schemas.faults import CitylakeError
from schemas.source import FilesSource


@dataclass(frozen=True, slots=True)
class Taking:
    """How the files of one source are taken; ``committed`` are the names whose bytes are in the table."""

    source: FilesSource
    pulling: Pulling
    listing: Listing
    committed: frozenset[str]

    @property
    def proof(self) -> Proof:
        """How one knows that a file is whole."""
        return "flag" if self.source.ready else "bytes"

    def parts(self, file: File, tally: Tally) -> Iterator[Part]:
        """The file as one part.

        Raises NotModifiedError, NotYetError, SOURCE_TOO_LARGE; after the part FILE_GROWING, CHECKSUM_DIFFERS.
        """
        self.unless_same(file, file.name)
        check, before = self.ready(file), file.marks_now()
        if before.size is not None and before.size > self.source.max_bytes:
            raise CitylakeError("SOURCE_TOO_LARGE", source=file.shown, size=before.size, limit=self.source.max_bytes)
        with Reading(file) as reading:
            chunks = reading.chunks(before.size)
            yield Part(file.name, check.over(chunks) if check else chunks)
            unchanged(file, before, reading.tell())
        if check:
            check.judge(file)
        self.keep(file, before, tally)

    def unless_same(self, file: File, name: str) -> None:
        """Raise NotModifiedError where the store says that the fetch ``name`` would bring what is committed."""
        kept = file.marks.state(self.source.trust, file.shown)
        if kept and name in self.committed and self.pulling.state(name) == kept:
            raise NotModifiedError

    def keep(self, file: File, marks: Marks, tally: Tally) -> None:
        """Note by what the next pull sees that the file has not changed."""
        tally.state = marks.state(self.source.trust, file.shown)

    def ready(self, file: File) -> Check | None:
        """The checksum to compare with, where there is one; raises NotYetError unless the file is whole."""
        source = self.source
        if source.quiet:
            settled(file, length(source.quiet))
        if source.ready:
            flagged(file, source.ready.flag, length(source.ready.within), self.listing.folder(file))
        if source.checksum is None:
            return None
        mark, algorithm = source.checksum.mark, source.checksum.algorithm
        path = found(file, mark, self.listing.folder(file))
        if path is None:
            wait(file, mark, length(source.checksum.within))
        return Check(algorithm, declared(file, str(path), algorithm))
