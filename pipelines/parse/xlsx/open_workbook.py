"""An open workbook: the sheets of its XML, or of a library where it has none (XLS, XLSB, ODS)."""

from __future__ import annotations

import errno
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Protocol

import polars as pl

from citylake.pipelines.parse.limited_child import ChildStoppedError, call_limited
from citylake.pipelines.parse.parse_limits import WORKBOOK_BYTES
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.spool import Spool
from citylake.pipelines.parse.xlsx.cell_values import CellReader
from citylake.pipelines.parse.xlsx.read_sheet import read_sheet
from citylake.pipelines.parse.xlsx.shared_strings import SharedStrings
from citylake.pipelines.parse.xlsx.sheet_cells import SheetCells, check_spread, show_cells
from citylake.pipelines.parse.xlsx.sheet_spool import CellNote, SheetSpool
from citylake.pipelines.parse.xlsx.sheet_xml import SheetBrokenError, has_cell, sheet_pieces
from citylake.pipelines.parse.xlsx.workbook_parts import WorkbookParts, read_workbook_parts
from citylake.pipelines.pull import zip_archive

_LIBRARY = "citylake.pipelines.parse.xlsx.library_sheets"
_STRINGS_SHARE = 4
"""Share of the memory for a workbook's texts: a quarter."""
_SPOOL_SHARE = 20
"""Share of the memory for the texts of a sheet that is not spooled to disk: a twentieth."""


class OpenWorkbook(Protocol):
    """The sheets of a workbook, by their names in order."""

    names: list[str]
    hidden: frozenset[str]

    def has_cells(self, name: str) -> bool:
        """Whether the sheet has any value."""

    def read(self, name: str, first_row: int, report: ParseReport) -> SheetCells:
        """The cells of a sheet; ``first_row``: the first row below the header, from 0."""


@dataclass(slots=True)
class XmlWorkbook:
    """An XLSX file, whose sheets are read a piece at a time."""

    request: ReadRequest
    archive: zipfile.ZipFile
    parts: WorkbookParts
    names: list[str] = field(init=False)
    hidden: frozenset[str] = field(init=False)
    _strings: SharedStrings | None = None

    def __post_init__(self) -> None:
        """The sheets that the archive has."""
        self.names, self.hidden = list(self.parts.parts), self.parts.hidden

    def has_cells(self, name: str) -> bool:
        """Whether the sheet has any value; reads up to the first one."""
        with _workbook_faults(self.request), self.archive.open(self.parts.parts[name]) as xml:
            return any(has_cell(piece.plain()) for piece in sheet_pieces(xml))

    def read(self, name: str, first_row: int, report: ParseReport) -> SheetCells:
        """Raises WORKBOOK_BROKEN, WORKBOOK_SPARSE, FILE_EXPANDS or ZIP_BROKEN."""
        found = _empty_spool(self.request)
        with _workbook_faults(self.request), self.archive.open(self.parts.parts[name]) as xml:
            reader = CellReader(self._texts(), self.parts, first_row)
            read_sheet(xml, reader, found)
        check_spread(self.request, name, found)
        return show_cells(self.request, name, found, self.parts, first_row, report)

    def _texts(self) -> SharedStrings:
        if self._strings is None:
            memory = self.request.memory // _STRINGS_SHARE
            self._strings = SharedStrings.read(self.archive, self.parts.strings, self.request.scratch, memory)
        return self._strings


@dataclass(slots=True)
class LibraryWorkbook:
    """XLS, XLSB and ODS; what only XML says (merged ranges, number formats) is not known of them."""

    request: ReadRequest
    names: list[str] = field(init=False)
    hidden: frozenset[str] = field(init=False)
    _filled: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """The sheets that the library finds. Raises WORKBOOK_BROKEN."""
        sheets = self._call("list_sheets")
        self.names = [name for name, _, _ in sheets]
        self.hidden = frozenset(name for name, hidden, _ in sheets if hidden and len(sheets) > 1)
        self._filled = frozenset(name for name, _, filled in sheets if filled)

    def has_cells(self, name: str) -> bool:
        """Whether the sheet has any value."""
        return name in self._filled

    def read(self, name: str, first_row: int, report: ParseReport) -> SheetCells:
        """Raises WORKBOOK_BROKEN."""
        found, folder = _empty_spool(self.request), mkdtemp(dir=self.request.scratch)
        written = self._call("write_sheet", name, first_row, folder)
        for path in written["files"]:
            _add_rows(found, pl.read_parquet(path))
        if written["errors"]:
            row, column, text = written["errors"][0]
            found.notes["CELL_ERRORS"] = CellNote(len(written["errors"]), (row, column), text)
        parts = WorkbookParts({}, frozenset(), frozenset(), epoch_1904=False)
        return show_cells(self.request, name, found, parts, first_row, report)

    def _call(self, function: str, *arguments: object) -> Any:
        try:
            given = [str(self.request.files[0]), *arguments]
            return call_limited(_LIBRARY, function, given, self.request.memory)
        except ChildStoppedError as error:
            raise self.request.fault("WORKBOOK_BROKEN", reason=str(error)) from None


def _empty_spool(request: ReadRequest) -> SheetSpool:
    spool = Spool(Path(mkdtemp(dir=request.scratch)), room=request.memory // _SPOOL_SHARE)
    return SheetSpool(spool, request.check_expansion)


def _add_rows(found: SheetSpool, rows: pl.DataFrame) -> None:
    """Add rows as the library has written them."""
    for name in rows.columns[1:]:
        if name.startswith("c"):
            filled = rows[name].drop_nulls()
            found.cells += len(filled)
            found.styles[int(name[1:])].add(0)
        else:
            found.kinds[int(name[1:])].update(rows[name].unique())
    found.rows = int(rows["_row"][-1])
    found.spool.add(rows)


@contextmanager
def open_workbook(request: ReadRequest) -> Iterator[OpenWorkbook]:
    """The workbook of ``request``; raises FILE_EMPTY, WORKBOOK_BROKEN, ZIP_BROKEN, ZIP_TOO_LARGE or FILE_EXPANDS."""
    path = request.files[0]
    if not path.stat().st_size:
        raise request.fault("FILE_EMPTY", row=1)
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            yield LibraryWorkbook(request)
            return
        with zip_archive.open_zip(file, request.shown) as archive:
            _check_unpacked_size(request, archive)
            with _workbook_faults(request):
                parts = read_workbook_parts(archive)
                if parts and not parts.parts:
                    raise SheetBrokenError("no sheet")
            yield XmlWorkbook(request, archive, parts) if parts else LibraryWorkbook(request)


@contextmanager
def _workbook_faults(request: ReadRequest) -> Iterator[None]:
    try:
        yield
    except SheetBrokenError as error:
        raise request.fault("WORKBOOK_BROKEN", reason=str(error)) from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise request.fault("ZIP_BROKEN", member="*", reason=str(error) or "cut short") from error
    except OSError as error:
        # A broken index of the zip points before the file; an error of the disk is another matter.
        if error.errno != errno.EINVAL:
            raise
        raise request.fault("ZIP_BROKEN", member="*", reason="its index points outside the file") from error


def _check_unpacked_size(request: ReadRequest, archive: zipfile.ZipFile) -> None:
    """Refuse a workbook that expands too far."""
    size = sum(info.file_size for info in archive.infolist())
    if size > WORKBOOK_BYTES:
        raise request.fault("ZIP_TOO_LARGE", member="*", size=size, limit=WORKBOOK_BYTES)
    request.check_expansion(size)
