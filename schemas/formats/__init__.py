"""How a source's bytes are laid out: one model a format."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.formats.arcgis import ArcgisFormat
from schemas.formats.datex2 import Datex2Format
from schemas.formats.gtfs import GtfsFormat, GtfsRtFormat
from schemas.formats.json import JsonFormat
from schemas.formats.parquet import ParquetFormat
from schemas.formats.portal import PortalFormat
from schemas.formats.text import CsvFormat, Encoding
from schemas.formats.workbook import XlsxFormat

Format = Annotated[
    CsvFormat
    | JsonFormat
    | XlsxFormat
    | GtfsFormat
    | GtfsRtFormat
    | ArcgisFormat
    | Datex2Format
    | ParquetFormat
    | PortalFormat,
    Field(discriminator="type"),
]

__all__ = [
    "ArcgisFormat",
    "CsvFormat",
    "Datex2Format",
    "Encoding",
    "Format",
    "GtfsFormat",
    "GtfsRtFormat",
    "JsonFormat",
    "ParquetFormat",
    "PortalFormat",
    "XlsxFormat",
]
