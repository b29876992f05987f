"""The built-in formats: for each, the model of its settings and the function that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from citylake.pipelines.parse.format_api import Format
from citylake.schemas.model.formats import (
    ArcgisFormat,
    CsvFormat,
    Datex2Format,
    FixedWidthFormat,
    GeoFormat,
    GtfsFormat,
    GtfsRtFormat,
    Hj212Format,
    JsonFormat,
    Jt808Format,
    ParquetFormat,
    PortalFormat,
    XlsxFormat,
)

if TYPE_CHECKING:
    from citylake.pipelines.parse.read_request import ReadRequest, ReadResult


class ArcgisReader(Format[ArcgisFormat]):
    """Esri JSON pages of features."""

    format_model = ArcgisFormat

    def read(self, request: ReadRequest, fmt: ArcgisFormat) -> ReadResult:
        """As :func:`read_arcgis`."""
        from citylake.pipelines.parse.arcgis.arcgis_reader import read_arcgis

        return read_arcgis(request, fmt)


class CsvReader(Format[CsvFormat]):
    """Delimited text."""

    format_model = CsvFormat

    def read(self, request: ReadRequest, fmt: CsvFormat) -> ReadResult:
        """As :func:`read_csv`."""
        from citylake.pipelines.parse.csv_reader import read_csv

        return read_csv(request, fmt)


class Datex2Reader(Format[Datex2Format]):
    """DATEX II publications."""

    format_model = Datex2Format

    def read(self, request: ReadRequest, fmt: Datex2Format) -> ReadResult:
        """As :func:`read_datex2`."""
        from citylake.pipelines.parse.datex2.datex2_reader import read_datex2

        return read_datex2(request, fmt)


class FixedWidthReader(Format[FixedWidthFormat]):
    """Text whose columns stand at fixed places."""

    format_model = FixedWidthFormat

    def read(self, request: ReadRequest, fmt: FixedWidthFormat) -> ReadResult:
        """As :func:`read_fixed_width`."""
        from citylake.pipelines.parse.fixed_width_reader import read_fixed_width

        return read_fixed_width(request, fmt)


class GeoReader(Format[GeoFormat]):
    """Files with geometries: GeoJSON, GML, KML, shapefile, GeoPackage, GeoParquet."""

    format_model = GeoFormat

    def read(self, request: ReadRequest, fmt: GeoFormat) -> ReadResult:
        """As :func:`read_geo`."""
        from citylake.pipelines.parse.geo.geo_reader import read_geo

        return read_geo(request, fmt)


class GtfsReader(Format[GtfsFormat]):
    """One table of a GTFS zip."""

    format_model = GtfsFormat

    def read(self, request: ReadRequest, fmt: GtfsFormat) -> ReadResult:
        """As :func:`read_gtfs`."""
        from citylake.pipelines.parse.gtfs_reader import read_gtfs

        return read_gtfs(request, fmt)


class GtfsRtReader(Format[GtfsRtFormat]):
    """GTFS-Realtime messages."""

    format_model = GtfsRtFormat

    def read(self, request: ReadRequest, fmt: GtfsRtFormat) -> ReadResult:
        """As :func:`read_gtfs_rt`."""
        from citylake.pipelines.parse.gtfs_rt_reader import read_gtfs_rt

        return read_gtfs_rt(request, fmt)


class Hj212Reader(Format[Hj212Format]):
    """Messages of HJ 212, from monitors of pollution sources."""

    format_model = Hj212Format

    def read(self, request: ReadRequest, fmt: Hj212Format) -> ReadResult:
        """As :func:`read_hj212`."""
        from citylake.pipelines.parse.hj212.hj212_reader import read_hj212

        return read_hj212(request, fmt)


class JsonReader(Format[JsonFormat]):
    """JSON documents and JSON lines."""

    format_model = JsonFormat

    def read(self, request: ReadRequest, fmt: JsonFormat) -> ReadResult:
        """As :func:`read_json`."""
        from citylake.pipelines.parse.json_reader import read_json

        return read_json(request, fmt)


class Jt808Reader(Format[Jt808Format]):
    """Messages of JT/T 808, from terminals in vehicles."""

    format_model = Jt808Format

    def read(self, request: ReadRequest, fmt: Jt808Format) -> ReadResult:
        """As :func:`read_jt808`."""
        from citylake.pipelines.parse.jt808.jt808_reader import read_jt808

        return read_jt808(request, fmt)


class ParquetReader(Format[ParquetFormat]):
    """Parquet files."""

    format_model = ParquetFormat

    def read(self, request: ReadRequest, fmt: ParquetFormat) -> ReadResult:
        """As :func:`read_parquet`."""
        from citylake.pipelines.parse.parquet_reader import read_parquet

        return read_parquet(request, fmt)


class PortalReader(Format[PortalFormat]):
    """Pages of a CKAN or Socrata table."""

    format_model = PortalFormat

    def read(self, request: ReadRequest, fmt: PortalFormat) -> ReadResult:
        """As :func:`read_portal`."""
        from citylake.pipelines.parse.portal_reader import read_portal

        return read_portal(request, fmt)


class XlsxReader(Format[XlsxFormat]):
    """Sheets of a workbook."""

    format_model = XlsxFormat

    def read(self, request: ReadRequest, fmt: XlsxFormat) -> ReadResult:
        """As :func:`read_xlsx`."""
        from citylake.pipelines.parse.xlsx.xlsx_reader import read_xlsx

        return read_xlsx(request, fmt)
