"""From the files of a receipt to files that can be opened: unpacked, and the parts of a shapefile together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from citylake.pipelines.parse.geo.gdal_layers import choose_layer
from citylake.pipelines.parse.geo.geo_content import geo_file_kind, is_zip
from citylake.pipelines.parse.parse_limits import DOCUMENT_BYTES
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.pipelines.pull import zip_archive
from citylake.schemas.model.formats import GeoFormat
from citylake.schemas.model.formats.geo_format import GeoKind

_PARTS = ("shp", "shx", "dbf", "prj", "cpg")
_SUFFIXES = {"gml": ".gml", "geopackage": ".gpkg"}
"""By which GDAL knows the file."""
_JUNK = ("__MACOSX/", ".")


@dataclass(frozen=True, slots=True)
class GeoFile:
    """One file to read; ``parts``: the parts of a shapefile by their suffix; ``layer``: the layer still to choose."""

    path: Path
    kind: GeoKind
    layer: str | None
    parts: Mapping[str, Path] = field(default_factory=dict)


def open_geo_files(request: ReadRequest, fmt: GeoFormat) -> Iterator[GeoFile]:
    """The files of ``request``, each of a known kind.

    Raises FILE_EMPTY, GEO_KIND_UNKNOWN, GEO_KIND_OTHER, GEO_LAYERS, GEO_LAYER_MISSING, and the faults of zips.
    """
    landed = {path.suffix.lower().lstrip("."): path for path in request.files}
    if "shp" in landed and len(request.files) > 1:
        yield _checked(request, fmt, _linked_parts(request, landed, "landed"))
        return
    for number, path in enumerate(request.files):
        if not path.stat().st_size:
            raise request.fault("FILE_EMPTY", row=1)
        folder = f"geo-{number}"
        found = _from_zip(request, fmt, path, folder) if is_zip(path) else _plain(request, fmt, path, folder)
        yield _checked(request, fmt, found)


def _checked(request: ReadRequest, fmt: GeoFormat, found: GeoFile) -> GeoFile:
    if fmt.kind is not None and found.kind != fmt.kind:
        raise request.fault("FILE_IS_OTHER", row=1, expected=fmt.kind, found=found.kind)
    return found


def _plain(request: ReadRequest, fmt: GeoFormat, path: Path, folder: str) -> GeoFile:
    kind = geo_file_kind(path)
    if kind is None:
        raise request.fault("GEO_KIND_UNKNOWN")
    if kind == "shapefile":
        return _linked_parts(request, {"shp": path}, folder)
    # GDAL looks at the name, and for further files beside it.
    return GeoFile(_link(request, path, folder, f"data{_SUFFIXES.get(kind, '')}"), kind, fmt.layer)


def _from_zip(request: ReadRequest, fmt: GeoFormat, path: Path, folder: str) -> GeoFile:
    """The file of the zip, or the one that ``layer`` names without its suffix; folders do not matter."""
    members = _unpacked(request, path, folder)
    shapes = {_stem(name): name for name in members if name.lower().endswith(".shp")}
    others = {} if shapes else {_stem(name): name for name, member in members.items() if geo_file_kind(member)}
    found = shapes or others
    if not found:
        raise request.fault("GEO_KIND_UNKNOWN")
    only = fmt.layer is not None and len(found) == 1 and fmt.layer not in found
    chosen = next(iter(found)) if only else choose_layer(request, list(found), fmt.layer)
    if shapes:
        return _linked_parts(request, _parts_of(members, shapes[chosen]), f"{folder}-parts")
    within = fmt if only else fmt.model_copy(update={"layer": None})
    return _plain(request, within, members[others[chosen]], f"{folder}-plain")


def _unpacked(request: ReadRequest, path: Path, folder: str) -> dict[str, Path]:
    """The members of a zip in scratch, by their names."""
    target = request.scratch / folder
    target.mkdir()
    unpacked = {}
    with path.open("rb") as file, zip_archive.open_zip(file, request.shown) as zipped:
        for number, info in enumerate(zipped.infolist()):
            name = zip_archive.zip_member_name(info)
            if info.is_dir() or name.startswith(_JUNK) or "/." in name:
                continue
            unpacked[name] = target / f"{number:06d}"
            with unpacked[name].open("wb") as out:
                out.writelines(zip_archive.read_zip_member(zipped, info, request.shown, DOCUMENT_BYTES))
    return unpacked


def _stem(name: str) -> str:
    return PurePosixPath(name).stem


def _parts_of(members: Mapping[str, Path], shape: str) -> dict[str, Path]:
    """The files beside ``shape`` that have its name, in any case."""
    stem = shape[: -len(".shp")].lower()
    return {
        name.lower().removeprefix(f"{stem}."): path
        for name, path in members.items()
        if name.lower().startswith(f"{stem}.")
    }


def _linked_parts(request: ReadRequest, found: Mapping[str, Path], folder: str) -> GeoFile:
    """The parts of a shapefile under one name, as GDAL looks for them. Raises SHAPEFILE_INCOMPLETE without ``.dbf``."""
    if "dbf" not in found:
        raise request.fault("SHAPEFILE_INCOMPLETE", missing=".dbf", found=", ".join(f".{part}" for part in found))
    parts = {part: _link(request, found[part], folder, f"data.{part}") for part in _PARTS if part in found}
    return GeoFile(parts["shp"], "shapefile", None, parts)


def _link(request: ReadRequest, path: Path, folder: str, name: str) -> Path:
    """``path`` under another name, alone in a folder of scratch: GDAL may write beside a file."""
    target = request.scratch / folder / name
    target.parent.mkdir(exist_ok=True)
    target.symlink_to(path.resolve())
    return target
