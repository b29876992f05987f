"""DATEX II: measured data joined to their sites, one row per value."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from citylake.pipelines.parse.datex2.join_sites import Datex2Tables, join_sites
from citylake.pipelines.parse.datex2.measured_values import measured_value_rows
from citylake.pipelines.parse.datex2.site_table import site_row, site_value_rows
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, ReadResult, check_column_names
from citylake.pipelines.parse.row_buffer import RowBuffer
from citylake.pipelines.parse.spool import Spool
from citylake.pipelines.parse.xml_stream import XmlRecords, element_text, local_name
from citylake.schemas.model.formats import Datex2Format

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MEASURED, _TIME = "siteMeasurements", "publicationTime"
_SITES = ("measurementSiteRecord", "measurementSite")
_PUBLICATION = "MeasuredDataPublication"


def read_datex2(request: ReadRequest, _: Datex2Format) -> ReadResult:
    """Write the measured values of all files; ``_row`` numbers them. Raises DATEX2_NO_MEASUREMENTS and XML faults."""
    work = _Datex2Work(
        request, _row_buffer(request, "values"), _row_buffer(request, "sites"), _row_buffer(request, "kinds")
    )
    for path in request.files:
        work.take(path)
    work.require_measured()
    tables = Datex2Tables(work.values.frame(), work.sites.frame(), work.kinds.frame())
    frame = join_sites(request, tables, work.report) if work.rows else tables.values
    columns = tuple(column for column in frame.collect_schema().names() if column not in ("_part", "_row"))
    check_column_names(request, columns, 1)
    written = request.write(frame)
    work.report.facts |= {"publications": work.types, "unread": dict(work.unread)}
    if not written:
        work.report.add_notice("HEADER_ONLY", file=request.shown, row=1)
    return ReadResult(columns, written, work.report)


@dataclass(slots=True)
class _Datex2Work:
    request: ReadRequest
    values: RowBuffer
    sites: RowBuffer
    kinds: RowBuffer
    """The characteristics of each value of a site, by index."""
    report: ParseReport = field(default_factory=ParseReport)
    types: list[str] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    published: str | None = None
    rows: int = 0

    def take(self, path: Path) -> None:
        """Read one document: a site table or measured data."""
        records = XmlRecords(self.request, path, (_TIME, _MEASURED, *_SITES))
        for element in records:
            self._record(element)
        self.types += [name for name in records.types if name.endswith("Publication")]
        self.roots.append(records.root)

    def require_measured(self) -> None:
        """Raise DATEX2_NO_MEASUREMENTS if no publication of measured data was found, not even an empty one."""
        if not self.rows and _PUBLICATION not in self.types:
            found = ", ".join(self.types or self.roots)
            raise self.request.fault("DATEX2_NO_MEASUREMENTS", found=found or "—")

    def _record(self, element: Element) -> None:
        if local_name(element) == _TIME:
            self.published = element_text(element)
        elif local_name(element) == _MEASURED:
            for row in measured_value_rows(element, self.published, self.unread):
                self.rows += 1
                self.values.add("", self.rows, row)
        else:
            self.sites.add("", 0, site_row(element))
            for row in site_value_rows(element):
                self.kinds.add("", 0, row)


def _row_buffer(request: ReadRequest, name: str) -> RowBuffer:
    folder = request.scratch / name
    folder.mkdir()
    return RowBuffer(request, Spool(folder))
