"""Members of a zip in a store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import IO, Self, cast
from zipfile import ZipFile, ZipInfo

from citylake.pipelines.pull import zip_archive
from citylake.pipelines.pull.connector_api import FetchProgress, LandedPart
from citylake.pipelines.pull.connectors.files.file_fetcher import FileFetcher
from citylake.pipelines.pull.connectors.files.file_names import undecoded_name_notice
from citylake.pipelines.pull.connectors.files.file_version import FileVersion
from citylake.pipelines.pull.connectors.files.source_file import FileReader, SourceFile, require_unchanged
from citylake.schemas.words.errors import CitylakeError

_SHOWN_MEMBERS = 10


@dataclass(slots=True)
class ZipMembers:
    """The members of the zip ``file`` that match the source's ``member``.

    The context keeps the zip open: to read its directory once for each member would take quadratic time.
    """

    file: SourceFile
    taking: FileFetcher
    _marks: FileVersion = field(default_factory=FileVersion)
    _kept: ZipFile | None = None
    _found: Mapping[str, Sequence[ZipInfo]] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._kept = None
        self._stack.close()

    def names(self) -> list[str]:
        """Their paths; raises SourceNotReadyError, CHECKSUM_DIFFERS, ZIP_BROKEN or ZIP_NO_MEMBER."""
        check = self.taking.ready(self.file)
        self._marks = self.file.marks_at_rest()
        pattern = self.taking.source.member or ""
        if check:
            with FileReader(self.file, self._marks) as reading:
                for _ in check.over(reading.chunks(self._marks.size)):
                    pass
            check.judge(self.file)
        self._kept = self._stack.enter_context(self._opened())
        names = [zip_archive.zip_member_name(info) for info in zip_archive.list_zip_members(self._kept, pattern)]
        if not names:
            raise self._no_member(self._kept, pattern)
        self._found = zip_archive.members_by_name(self._kept)
        return list(dict.fromkeys(names))

    def parts(self, name: str, told: str, tally: FetchProgress) -> Iterator[LandedPart]:
        """The member ``name`` of the fetch ``told`` as one part.

        Raises FILE_GROWING or FILE_REPLACED if the zip changes, ZIP_MEMBER_TWICE if it has several of that name.
        """
        self.taking.unless_same(self.file, told)
        if notice := undecoded_name_notice(self.file.path):
            tally.notices.append(notice)
        with self._open_directory() as zipped:
            found = self._found if self._kept else zip_archive.members_by_name(zipped)
            info = zip_archive.only_member(zipped, found.get(name, ()), name, self.file.shown)
            if info is None:
                raise self._no_member(zipped, name)
            yield LandedPart(
                name, zip_archive.read_zip_member(zipped, info, self.file.shown, self.taking.source.max_bytes)
            )
        require_unchanged(self.file, self._marks)
        self.taking.keep(self.file, self._marks, tally)

    def _no_member(self, zipped: ZipFile, pattern: str) -> CitylakeError:
        names = [zip_archive.zip_member_name(info) for info in zip_archive.data_members(zipped)]
        shown = ", ".join(names[:_SHOWN_MEMBERS]) + (" …" if len(names) > _SHOWN_MEMBERS else "")
        return CitylakeError("ZIP_NO_MEMBER", file=self.file.shown, pattern=pattern, members=shown or "—")

    @contextmanager
    def _open_directory(self) -> Iterator[ZipFile]:
        if self._kept:
            yield self._kept
            return
        with self._opened() as zipped:
            yield zipped

    @contextmanager
    def _opened(self) -> Iterator[ZipFile]:
        # zipfile only reads, seeks and tells.
        with (
            FileReader(self.file, self._marks) as reading,
            zip_archive.open_zip(cast("IO[bytes]", reading), self.file.shown) as zipped,
        ):
            yield zipped
