"""Files with geometries, written by GDAL and by hand."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import shapely

SQUARE = "POLYGON ((0 0, 0 1, 1 1, 1 0, 0 0))"
BEIJING = "POINT (116.4 39.9)"


def write_gdal(
    path: Path, driver: str, shapes: Sequence[str | None], fields: Mapping[str, Sequence[Any]], **options: Any
) -> Path:
    """A file of ``driver`` with the geometries (WKT) and the attributes."""
    wkb = np.array([None if each is None else shapely.to_wkb(shapely.from_wkt(each)) for each in shapes], dtype=object)
    data = [
        np.array(values, dtype=object) if isinstance(values[0], str) else np.array(values) for values in fields.values()
    ]
    options = {"geometry_type": "Unknown" if driver == "GPKG" else "Polygon", "crs": "EPSG:4326", **options}
    pyogrio.raw.write(path, wkb, data, list(fields), driver=driver, **options)
    return path


def shapefile(
    folder: Path, fields: Mapping[str, Sequence[Any]], name: str = "areas", **options: Any
) -> dict[str, bytes]:
    """The parts of a shapefile of squares, by their file names."""
    count = len(next(iter(fields.values())))
    write_gdal(folder / f"{name}.shp", "ESRI Shapefile", [SQUARE] * count, fields, **options)
    return {path.name: path.read_bytes() for path in sorted(folder.glob(f"{name}.*"))}


def zipped(members: Mapping[str, bytes]) -> bytes:
    """A zip of the members."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as made:
        for name, body in members.items():
            made.writestr(name, body)
    return held.getvalue()


def kml(*placemarks: str) -> bytes:
    """A document of KML with the placemarks in a folder."""
    body = "".join(f"<Placemark>{each}</Placemark>" for each in placemarks)
    return (
        '<?xml version="1.0" encoding="UTF-8"?><kml xmlns="http://www.opengis.net/kml/2.2"><Document><Folder>'
        f"{body}</Folder></Document></kml>"
    ).encode()


def gml(*members: str, prolog: str = "") -> bytes:
    """A document of GML 3.2 with the members."""
    body = "".join(f"<gml:featureMember>{each}</gml:featureMember>" for each in members)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>{prolog}'
        '<gml:FeatureCollection xmlns:gml="http://www.opengis.net/gml/3.2" xmlns:x="http://x" gml:id="c">'
        f"{body}</gml:FeatureCollection>"
    ).encode()
