"""DATEX II: measured data joined to the sites at which they were measured, a row a value."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from pipelines.parse.datex2.join import Tables, joined
from pipelines.parse.datex2.sites import site_row, value_rows
from pipelines.parse.datex2.values import site_values
from pipelines.parse.gathered import Gathered
from pipelines.parse.given import Given, Read, Report, check_names
from pipelines.parse.spool import Spool
from pipelines.parse.xmlstream import XmlRecords, local, text_of
from schemas.formats import Datex2Format

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_MEASURED, _TIME = "siteMeasurements", "publicationTime"
_SITES = ("measurementSiteRecord", "measurementSite")
_PUBLICATION = "MeasuredDataPublication"


def read(given: Given, _: Datex2Format) -> Read:
    """Write the measured values of all files; ``_row`` numbers them. Raises DATEX2_NO_MEASUREMENTS, or as XML does."""
    work = _Work(given, _gathered(given, "values"), _gathered(given, "sites"), _gathered(given, "kinds"))
    for path in given.files:
        work.take(path)
    work.require_measured()
    tables = Tables(work.values.frame(), work.sites.frame(), work.kinds.frame())
    frame = joined(given, tables, work.report) if work.rows else tables.values
    columns = tuple(column for column in frame.collect_schema().names() if column not in ("_part", "_row"))
    check_names(given, columns, 1)
    written = given.write(frame)
    work.report.facts |= {"publications": work.types, "unread": dict(work.unread)}
    if not written:
        work.report.tell("HEADER_ONLY", file=given.shown, row=1)
    return Read(columns, written, work.report)


@dataclass(slots=True)
class _Work:
    given: Given
    values: Gathered
    sites: Gathered
    kinds: Gathered
    """What each value of a site is of, by index."""
    report: Report = field(default_factory=Report)
    types: list[str] = field(default_factory=list)
    roots: list[str] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    published: str | None = None
    rows: int = 0

    def take(self, path: Path) -> None:
        """Read one document, whichever it is."""
        records = XmlRecords(self.given, path, (_TIME, _MEASURED, *_SITES))
        for element in records:
            self._record(element)
        self.types += [name for name in records.types if name.endswith("Publication")]
        self.roots.append(records.root)

    def require_measured(self) -> None:
        """Raise DATEX2_NO_MEASUREMENTS where there is no publication of measured data, be it an empty one."""
        if not self.rows and _PUBLICATION not in self.types:
            found = ", ".join(self.types or self.roots)
            raise self.given.fault("DATEX2_NO_MEASUREMENTS", found=found or "—")

    def _record(self, element: Element) -> None:
        if local(element) == _TIME:
            self.published = text_of(element)
        elif local(element) == _MEASURED:
            for row in site_values(element, self.published, self.unread):
                self.rows += 1
                self.values.add("", self.rows, row)
        else:
            self.sites.add("", 0, site_row(element))
            for row in value_rows(element):
                self.kinds.add("", 0, row)


def _gathered(given: Given, name: str) -> Gathered:
    folder = given.scratch / name
    folder.mkdir()
    return Gathered(Spool(folder))
