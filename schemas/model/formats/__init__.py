"""How a source's bytes are laid out: the settings of the built-in formats, one model a format."""

from __future__ import annotations

from citylake.schemas.model.formats.arcgis_format import ArcgisFormat
from citylake.schemas.model.formats.csv_format import CsvFormat, Encoding
from citylake.schemas.model.formats.datex2_format import Datex2Format
from citylake.schemas.model.formats.fixed_width_format import FixedWidthFormat
from citylake.schemas.model.formats.format_base import AnyFormat, SourceFormat
from citylake.schemas.model.formats.geo_format import GeoFormat
from citylake.schemas.model.formats.gtfs_format import GtfsFormat, GtfsRtFormat
from citylake.schemas.model.formats.hj212_format import Hj212Format
from citylake.schemas.model.formats.json_format import JsonFormat
from citylake.schemas.model.formats.jt808_format import Jt808Format
from citylake.schemas.model.formats.parquet_format import ParquetFormat
from citylake.schemas.model.formats.portal_format import PortalFormat
from citylake.schemas.model.formats.xlsx_format import XlsxFormat

__all__ = [
    "AnyFormat",
    "ArcgisFormat",
    "CsvFormat",
    "Datex2Format",
    "Encoding",
    "FixedWidthFormat",
    "GeoFormat",
    "GtfsFormat",
    "GtfsRtFormat",
    "Hj212Format",
    "JsonFormat",
    "Jt808Format",
    "ParquetFormat",
    "PortalFormat",
    "SourceFormat",
    "XlsxFormat",
]
