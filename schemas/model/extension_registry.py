"""Extensions: connectors, formats and mart functions, found by entry points, the built-in ones like those of others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import EntryPoint
from typing import Any, Literal

from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.base.installed_entry_points import installed_entry_points
from citylake.schemas.words.errors import CitylakeError

ExtensionGroup = Literal["citylake.connectors", "citylake.formats", "citylake.functions"]

_DISTRIBUTION = "citylake"
_CONNECTOR_FOLDER = "citylake.pipelines.pull.connectors"
_FORMATS = "citylake.pipelines.parse.builtin_formats"
_UNKNOWN_CODES: Mapping[ExtensionGroup, str] = {
    "citylake.connectors": "CONNECTOR_UNKNOWN",
    "citylake.formats": "FORMAT_UNKNOWN",
    "citylake.functions": "FUNCTIONS_UNKNOWN",
}
BUILT_IN_EXTENSIONS: Mapping[ExtensionGroup, Mapping[str, str]] = {
    "citylake.connectors": {
        "arcgis": f"{_CONNECTOR_FOLDER}.arcgis.connector:ArcgisConnector",
        "ckan": f"{_CONNECTOR_FOLDER}.ckan.connector:CkanConnector",
        "database": f"{_CONNECTOR_FOLDER}.database.connector:DatabaseConnector",
        "datex2": f"{_CONNECTOR_FOLDER}.datex2.connector:Datex2Connector",
        "files": f"{_CONNECTOR_FOLDER}.files.connector:FilesConnector",
        "gtfs": f"{_CONNECTOR_FOLDER}.gtfs.connector:GtfsConnector",
        "gtfs_rt": f"{_CONNECTOR_FOLDER}.gtfs_rt.connector:GtfsRtConnector",
        "http": f"{_CONNECTOR_FOLDER}.http.connector:HttpConnector",
        "mqtt": f"{_CONNECTOR_FOLDER}.mqtt.connector:MqttConnector",
        "ngsi_ld": f"{_CONNECTOR_FOLDER}.ngsi_ld.connector:NgsiLdConnector",
        "openaq": f"{_CONNECTOR_FOLDER}.openaq.connector:OpenaqConnector",
        "rest_paged": f"{_CONNECTOR_FOLDER}.rest_paged.connector:RestPagedConnector",
        "sensorthings": f"{_CONNECTOR_FOLDER}.sensorthings.connector:SensorthingsConnector",
        "socrata": f"{_CONNECTOR_FOLDER}.socrata.connector:SocrataConnector",
    },
    "citylake.formats": {
        "arcgis": f"{_FORMATS}:ArcgisReader",
        "csv": f"{_FORMATS}:CsvReader",
        "datex2": f"{_FORMATS}:Datex2Reader",
        "fixed_width": f"{_FORMATS}:FixedWidthReader",
        "geo": f"{_FORMATS}:GeoReader",
        "gtfs": f"{_FORMATS}:GtfsReader",
        "gtfs_rt": f"{_FORMATS}:GtfsRtReader",
        "hj212": f"{_FORMATS}:Hj212Reader",
        "json": f"{_FORMATS}:JsonReader",
        "jt808": f"{_FORMATS}:Jt808Reader",
        "parquet": f"{_FORMATS}:ParquetReader",
        "portal": f"{_FORMATS}:PortalReader",
        "xlsx": f"{_FORMATS}:XlsxReader",
    },
    "citylake.functions": {
        "address": "citylake.pipelines.marts.functions.address_functions:AddressFunctions",
        "air_quality": "citylake.pipelines.marts.functions.air_quality.aqi_functions:AirQualityFunctions",
        "generalisation": "citylake.pipelines.marts.functions.generalisation_functions:GeneralisationFunctions",
        "workdays": "citylake.pipelines.marts.functions.workday_functions:WorkdayFunctions",
    },
}
"""The same as in pyproject.toml, because the metadata of a checkout may be older than its code, or absent."""


def extension_names(group: ExtensionGroup) -> tuple[str, ...]:
    """The names of all extensions of ``group`` that are installed, in alphabetical order."""
    return tuple(sorted(_installed_extensions(group)))


@cache
def load_extension(group: ExtensionGroup, name: str) -> Any:
    """An instance of the class that the entry point ``name`` refers to.

    Raises CONNECTOR_UNKNOWN, FORMAT_UNKNOWN or FUNCTIONS_UNKNOWN; EXTENSION_TWICE if two packages define the name; and
    EXTENSION_BROKEN if the package does not import.
    """
    installed = _installed_extensions(group)
    found = installed.get(name, ())
    if not found:
        raise CitylakeError(_UNKNOWN_CODES[group], name=name, suggestion=", ".join(nearest_words(name, installed)))
    if len(found) > 1:
        packages = ", ".join(map(_package_name, found))
        raise CitylakeError("EXTENSION_TWICE", group=group, name=name, packages=packages)
    try:
        return found[0].load()()
    except Exception as error:
        raise _broken(group, name, found[0].value, f"{type(error).__name__}: {error}") from error


def broken_extension(group: ExtensionGroup, name: str, found: type, reason: str) -> CitylakeError:
    """EXTENSION_BROKEN for a class that is not what its group needs."""
    return _broken(group, name, f"{found.__module__}:{found.__qualname__}", reason)


def _broken(group: str, name: str, value: str, reason: str) -> CitylakeError:
    return CitylakeError("EXTENSION_BROKEN", group=group, name=name, value=value, reason=reason)


@cache
def _installed_extensions(group: ExtensionGroup) -> Mapping[str, tuple[EntryPoint, ...]]:
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for each in (*_built_in_extensions(group), *_third_party_extensions(group)):
        found[each.name] = (*found.get(each.name, ()), each)
    return found


def _built_in_extensions(group: ExtensionGroup) -> Iterator[EntryPoint]:
    for name, value in BUILT_IN_EXTENSIONS[group].items():
        yield EntryPoint(name, value, group)


def _third_party_extensions(group: ExtensionGroup) -> Iterator[EntryPoint]:
    for each in installed_entry_points(group):
        if _package_name(each) != _DISTRIBUTION:
            yield each


def _package_name(found: EntryPoint) -> str:
    return found.dist.name if found.dist else _DISTRIBUTION
