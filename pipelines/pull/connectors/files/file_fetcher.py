"""Fetching one file: when it is complete, unless it is committed already, with its checksum verified."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from citylake.pipelines.pull.connector_api import (
    CompletenessProof,
    FetchProgress,
    LandedPart,
    NotModifiedError,
    PullContext,
)
from citylake.pipelines.pull.connectors.files.checksum_file import ChecksumVerifier, read_checksum
from citylake.pipelines.pull.connectors.files.file_listing import FileListing
from citylake.pipelines.pull.connectors.files.file_names import readable_name, undecoded_name_notice
from citylake.pipelines.pull.connectors.files.file_version import FileVersion, read_file_version
from citylake.pipelines.pull.connectors.files.files_source import FilesSource
from citylake.pipelines.pull.connectors.files.shapefile_parts import is_shapefile, shapefile_parts
from citylake.pipelines.pull.connectors.files.sidecar_files import (
    require_flag_file,
    require_quiet_file,
    sidecar_path,
    wait_for_sidecar,
)
from citylake.pipelines.pull.connectors.files.source_file import FileReader, SourceFile, require_unchanged
from citylake.schemas.base.declaration import parse_duration
from citylake.schemas.words.errors import CitylakeError


@dataclass(frozen=True, slots=True)
class FileFetcher:
    """Fetches the files of one source; ``committed`` are the names whose bytes are committed."""

    source: FilesSource
    pulling: PullContext
    listing: FileListing
    committed: frozenset[str]

    @property
    def proof(self) -> CompletenessProof:
        """Why a file is known to be complete."""
        return "flag" if self.source.ready else "bytes"

    def parts(self, file: SourceFile, tally: FetchProgress) -> Iterator[LandedPart]:
        """The file as one part; a shapefile with its further parts.

        Raises NotModifiedError, SourceNotReadyError, SOURCE_TOO_LARGE; after the part FILE_GROWING, FILE_REPLACED,
        CHECKSUM_DIFFERS.
        """
        shapefile = is_shapefile(file.path, self.source)
        if not shapefile:
            self.unless_same(file, file.name)
        check, before = self.ready(file), file.marks_at_rest()
        if before.size is not None and before.size > self.source.max_bytes:
            raise CitylakeError("SOURCE_TOO_LARGE", source=file.shown, size=before.size, limit=self.source.max_bytes)
        if notice := undecoded_name_notice(file.path):
            tally.notices.append(notice)
        with FileReader(file, before) as reading:
            chunks = reading.chunks(before.size)
            yield LandedPart(file.name, check.over(chunks) if check else chunks)
            require_unchanged(file, before, reading.tell())
        if check:
            check.judge(file)
        if shapefile:
            # The attributes may change without the geometries: only the bytes of all parts tell whether it is new.
            yield from self._further_parts(file)
            return
        self.keep(file, before, tally)

    def _further_parts(self, file: SourceFile) -> Iterator[LandedPart]:
        folder = self.listing.folder(file)
        for path in shapefile_parts(file, folder):
            part = replace(
                file, path=path, name=readable_name(path.rpartition("/")[2]), marks=read_file_version(folder[path])
            )
            before = part.marks_at_rest()
            with FileReader(part, before) as reading:
                yield LandedPart(part.name, reading.chunks(before.size))
                require_unchanged(part, before, reading.tell())

    def unless_same(self, file: SourceFile, name: str) -> None:
        """Raise NotModifiedError if the store says that the bytes of the fetch ``name`` are committed."""
        kept = file.marks.state(self.source.trust, file.shown)
        if kept and name in self.committed and self.pulling.state(name) == kept:
            raise NotModifiedError

    def keep(self, file: SourceFile, marks: FileVersion, tally: FetchProgress) -> None:
        """Store what the next pull needs to detect that the file has not changed."""
        tally.state = marks.state(self.source.trust, file.shown)

    def ready(self, file: SourceFile) -> ChecksumVerifier | None:
        """The expected checksum, if there is one; raises SourceNotReadyError unless the file is complete."""
        source = self.source
        if source.quiet:
            require_quiet_file(file, parse_duration(source.quiet))
        if source.ready:
            require_flag_file(file, source.ready.flag, parse_duration(source.ready.within), self.listing.folder(file))
        if source.checksum is None:
            return None
        mark, algorithm = source.checksum.mark, source.checksum.algorithm
        path = sidecar_path(file, mark, self.listing.folder(file))
        if path is None:
            wait_for_sidecar(file, mark, parse_duration(source.checksum.within))
        return ChecksumVerifier(algorithm, read_checksum(file, str(path), algorithm))
