"""Layers of GML, shapefiles and GeoPackages, read by GDAL: only these drivers, and without a network."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from citylake.pipelines.parse.arrow_to_text import arrow_to_text
from citylake.pipelines.parse.geo.crs_name import short_crs_name
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.schemas.model.formats.geo_format import GeoKind

GDAL_DRIVERS = {"gml": "GML", "shapefile": "ESRI Shapefile", "geopackage": "GPKG"}
"""The drivers that are used, by the kind of file."""
_OTHER_DRIVERS = (
    "ADBC,AmigoCloud,AVCBin,AVCE00,AIVector,Carto,CSV,CSW,DGN,DXF,EDIGEO,EEDA,Elasticsearch,ESRIJSON,FlatGeobuf,GDALG,"
    "GeoJSON,GeoJSONSeq,GeoRSS,GPSBabel,GPX,GTFS,HTTP,Idrisi,JML,JSONFG,KML,LIBKML,LVBAG,MapInfo File,MapML,MBTiles,"
    "MiraMonVector,MVT,NGW,OAPIF,ODS,OGCAPI,OGR_GMT,OGR_PDS,OGR_VRT,OpenFileGDB,OSM,PCIDSK,PDF,PDS4,PGDUMP,PLSCENES,"
    "PMTiles,S57,Selafin,SQLite,SXF,TopoJSON,VDV,VFK,VICAR,WAsP,WFS,XLSX"
)
_SETTINGS = {
    "GML_FIELDTYPES": "ALWAYS_STRING",
    "GML_SKIP_RESOLVE_ELEMS": "ALL",
    "GML_DOWNLOAD_SCHEMA": "NO",
    "GDAL_HTTP_PROXY": "127.0.0.1:9",
    "OGR_ARROW_MEM_LIMIT": str(64 << 20),
    "SHAPE_RESTORE_SHX": "YES",
}
"""Numbers of GML stay text; links are not followed; a batch of features has at most 64 MiB."""
_OPEN_OPTIONS: dict[str, dict[str, str]] = {"gml": {"DOWNLOAD_SCHEMA": "NO", "WRITE_GFS": "NO"}}
_BATCH_FEATURES = 5_000


@cache
def _gdal() -> Any:
    """pyogrio, with GDAL's other drivers left out, unless another library has loaded it before."""
    before = os.environ.get("GDAL_SKIP")
    os.environ["GDAL_SKIP"] = _OTHER_DRIVERS
    try:
        import pyogrio
        import pyogrio.raw
    finally:
        if before is None:
            del os.environ["GDAL_SKIP"]
        else:
            os.environ["GDAL_SKIP"] = before
    pyogrio.set_gdal_config_options(_SETTINGS)
    return pyogrio


@dataclass(frozen=True, slots=True)
class FeatureBlock:
    """Features of a layer: their numbers in the file, attributes as text, and geometries as WKB."""

    numbers: np.ndarray
    attributes: pl.DataFrame
    wkb: list[bytes | None]


class GdalLayer:
    """One layer of a file of a known kind. ``name`` is the contract's; it may be left out if there is only one."""

    def __init__(self, request: ReadRequest, path: Path, kind: GeoKind, name: str | None) -> None:
        self._request, self._path, self._kind = request, path, kind
        with self._faults():
            layers = [(str(each), shape) for each, shape in _gdal().list_layers(path)]
            # Tables of a GeoPackage without geometries are beside what a reader of features looks for.
            shaped = [each for each, shape in layers if shape is not None] or [each for each, _ in layers]
        known = shaped if name is None else [each for each, _ in layers]
        self.name = choose_layer(request, known, name)
        with self._faults():
            info = _gdal().read_info(path, layer=self.name)
        if info["driver"] != GDAL_DRIVERS[kind]:
            raise request.fault("GEO_BROKEN", reason=f"GDAL: {info['driver']}")
        self.crs = short_crs_name(str(info["crs"])) if info["crs"] else None

    def blocks(self, *, attributes: bool = True) -> Iterator[FeatureBlock]:
        """The features in order, in bounded memory. Raises GEO_BROKEN."""
        options = {**_OPEN_OPTIONS.get(self._kind, {}), **({} if attributes else {"columns": []})}
        with (
            self._faults(),
            _gdal().raw.open_arrow(
                self._path, layer=self.name, use_pyarrow=True, batch_size=_BATCH_FEATURES, return_fids=True,
                datetime_as_string=True, **options,
            ) as (meta, reader),
        ):  # fmt: skip
            for batch in reader:
                yield _feature_block(batch, meta)

    @contextmanager
    def _faults(self) -> Iterator[None]:
        import pyarrow as pa

        errors = (_gdal().errors.DataSourceError, _gdal().errors.DataLayerError, _gdal().errors.FeatureError)
        with warnings.catch_warnings(record=True):
            warnings.simplefilter("always")
            try:
                yield
            except (*errors, pa.ArrowException, RuntimeError, UnicodeDecodeError, UnboundLocalError, OSError) as error:
                # The libraries' faults have no number; those of the disk have one.
                if isinstance(error, OSError) and error.errno is not None:
                    raise
                reason = str(error).replace(str(self._path), self._path.name)
                raise self._request.fault("GEO_BROKEN", reason=next(iter(reason.splitlines()), "GDAL")) from error


def choose_layer(request: ReadRequest, layers: Sequence[str], name: str | None) -> str:
    """The layer ``name``, or the only one. Raises GEO_LAYERS or GEO_LAYER_MISSING."""
    if name is None and len(layers) > 1:
        raise request.fault("GEO_LAYERS", count=len(layers), layers=", ".join(layers), layer=layers[0])
    if not layers or (name is not None and name not in layers):
        raise request.fault("GEO_LAYER_MISSING", layer=name or "—", layers=", ".join(layers) or "—")
    return name or layers[0]


def _feature_block(batch: Any, meta: dict[str, Any]) -> FeatureBlock:
    shape, number = meta["geometry_name"] or "wkb_geometry", meta["fid_column"] or "OGC_FID"
    names = [name for name in batch.schema.names if name not in (shape, number)]
    columns = [arrow_to_text(batch.column(name)).alias(name) for name in names]
    wkb = batch.column(shape).to_pylist() if shape in batch.schema.names else [None] * len(batch)
    return FeatureBlock(np.asarray(batch.column(number)), pl.DataFrame(columns), wkb)
