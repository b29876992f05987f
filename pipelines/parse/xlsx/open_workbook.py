"""An open workbook: its cells through a library, and the XML beside them where the file has any."""

from __future__ import annotations

import logging
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import fastexcel

from citylake.pipelines.parse.parse_limits import SPARSE_CELLS, WORKBOOK_BYTES
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.pipelines.parse.xlsx.sheet_scan import SheetScan, scan_sheet, sheet_has_cells
from citylake.pipelines.parse.xlsx.workbook_parts import WorkbookParts, read_workbook_parts
from citylake.pipelines.pull import zip_archive

# The library logs a line for every column whose cells are of several types; all of them are read as text anyway.
logging.getLogger("fastexcel").setLevel(logging.ERROR)

_SPARSE_SHARE = 20
"""Places for each cell with a value, above which a large sheet is sparse."""


@dataclass(frozen=True, slots=True)
class OpenWorkbook:
    """``parts`` and ``archive`` are None for XLS, XLSB and ODS: what only XML says is not known of them."""

    reader: fastexcel.ExcelReader
    archive: zipfile.ZipFile | None = None
    parts: WorkbookParts | None = None

    def hidden(self) -> set[str]:
        """The names of the hidden sheets."""
        if self.parts is not None:
            return set(self.parts.hidden)
        names = self.reader.sheet_names
        return {name for name in names if self._first_row(name).visible != "visible"} if len(names) > 1 else set()

    def has_cells(self, name: str) -> bool:
        """Whether the sheet has any value."""
        part = self._part(name)
        if part is None or self.archive is None:
            return bool(self._first_row(name).width)
        with self.archive.open(part) as xml:
            return sheet_has_cells(xml)

    def scan(self, request: ReadRequest, name: str) -> SheetScan | None:
        """What the sheet's XML says; None where there is none. Raises WORKBOOK_SPARSE."""
        part = self._part(name)
        if part is None or self.archive is None:
            return None
        with self.archive.open(part) as xml:
            found = scan_sheet(xml)
        _check_spread(request, name, found)
        return found

    def _part(self, name: str) -> str | None:
        return self.parts.parts.get(name) if self.parts else None

    def _first_row(self, name: str) -> fastexcel.ExcelSheet:
        return self.reader.load_sheet(name, header_row=None, n_rows=1)


@contextmanager
def open_workbook(request: ReadRequest) -> Iterator[OpenWorkbook]:
    """The workbook of ``request``; raises FILE_EMPTY, WORKBOOK_BROKEN, ZIP_BROKEN or ZIP_TOO_LARGE."""
    path = request.files[0]
    if not path.stat().st_size:
        raise request.fault("FILE_EMPTY", row=1)
    with path.open("rb") as file, _workbook_faults(request):
        if file.read(2) != b"PK":
            yield OpenWorkbook(fastexcel.read_excel(path))
            return
        with zip_archive.open_zip(file, request.shown) as archive:
            _check_unpacked_size(request, archive)
            yield OpenWorkbook(fastexcel.read_excel(path), archive, read_workbook_parts(archive))


@contextmanager
def _workbook_faults(request: ReadRequest) -> Iterator[None]:
    """What is broken in a sheet is found only when its cells are read."""
    try:
        yield
    except (fastexcel.FastExcelError, zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise request.fault("WORKBOOK_BROKEN", reason=reason) from error


def _check_unpacked_size(request: ReadRequest, archive: zipfile.ZipFile) -> None:
    """Refuse a workbook that is too large: it is unpacked into memory."""
    size = sum(info.file_size for info in archive.infolist())
    if size > WORKBOOK_BYTES:
        raise request.fault("ZIP_TOO_LARGE", member="*", size=size, limit=WORKBOOK_BYTES)


def _check_spread(request: ReadRequest, name: str, scan: SheetScan) -> None:
    """Refuse a sheet whose cells are so far apart that the empty places between them would fill the memory."""
    places = scan.width * scan.rows
    if places > SPARSE_CELLS and places > _SPARSE_SHARE * scan.cells:
        raise request.fault("WORKBOOK_SPARSE", sheet=name, cell=scan.last_cell, cells=scan.cells, places=places)
