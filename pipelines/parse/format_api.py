"""The interface of formats: a format turns the bytes of a receipt into rows of text."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from citylake.schemas.model.extension_registry import broken_extension, load_extension
from citylake.schemas.model.formats import SourceFormat

if TYPE_CHECKING:
    from citylake.pipelines.parse.read_request import ReadRequest, ReadResult
    from citylake.pipelines.parse.row_buffer import PlacedRow

__all__ = ["Format", "SourceFormat", "load_format", "write_rows"]

FormatT = TypeVar("FormatT", bound=SourceFormat)


class Format(ABC, Generic[FormatT]):
    """A format. The class is an entry point in the group ``citylake.formats``, by the name that contracts use.

    Its module is imported when a contract is read, also while Airflow parses DAGs: it must not import polars or other
    libraries that are slow to load. ``read`` imports what it needs when it is called.
    """

    format_model: ClassVar[type[SourceFormat]]
    """What a contract's ``format`` may say."""

    @abstractmethod
    def read(self, request: ReadRequest, fmt: FormatT) -> ReadResult:
        """Write every field of the files of ``request`` as text; null only if a field has no value.

        Raises CitylakeError with the file and the row; ``request.fault`` makes one.
        """


def load_format(name: str) -> Format[Any]:
    """The format that contracts call ``name``; raises FORMAT_UNKNOWN, EXTENSION_TWICE or EXTENSION_BROKEN."""
    found = load_extension("citylake.formats", name)
    if not isinstance(found, Format):
        raise broken_extension("citylake.formats", name, type(found), "it is not a subclass of Format")
    return found


def write_rows(request: ReadRequest, rows: Iterable[PlacedRow]) -> ReadResult:
    """Write rows that Python code makes one by one, in bounded memory.

    A row is ``(part, number, values)``: ``part`` is empty if the request has one file, else it names the file;
    ``number`` counts from 1 within it; ``values`` are texts by column. Raises HEADER_DUPLICATE or COLUMN_RESERVED.
    """
    from citylake.pipelines.parse.read_request import ParseReport, ReadResult, check_column_names
    from citylake.pipelines.parse.row_buffer import RowBuffer
    from citylake.pipelines.parse.spool import Spool

    gathered, report = RowBuffer(request, Spool(request.scratch)).all(rows), ParseReport()
    check_column_names(request, gathered.columns, 1)
    written = request.write(gathered.frame(), gathered.spool.group_rows)
    if not written:
        report.add_notice("HEADER_ONLY", file=request.shown, row=1)
    return ReadResult(gathered.columns, written, report)
