"""Where a dataset comes from: one model a connector. ``${NAME}`` in text is filled from the environment."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from citylake.schemas.model.source.arcgis_source import ArcgisSource
from citylake.schemas.model.source.ckan_source import CkanSource
from citylake.schemas.model.source.database_source import DatabaseSource
from citylake.schemas.model.source.datex2_source import Datex2Source
from citylake.schemas.model.source.files_source import FilesSource
from citylake.schemas.model.source.gtfs_source import GtfsRtSource, GtfsSource
from citylake.schemas.model.source.http_source import HttpBase, HttpSource
from citylake.schemas.model.source.ngsi_ld_source import NgsiLdSource
from citylake.schemas.model.source.openaq_source import OpenaqSource
from citylake.schemas.model.source.rest_paged_source import Paging, RestPagedSource, SignRequest
from citylake.schemas.model.source.sensorthings_source import SensorthingsSource
from citylake.schemas.model.source.socrata_source import SocrataSource
from citylake.schemas.model.source.source_base import AnyFormat, ResponseEnvelope, ResponseEnvelopes, SourceBase

Source = Annotated[
    FilesSource
    | HttpSource
    | RestPagedSource
    | CkanSource
    | SocrataSource
    | ArcgisSource
    | SensorthingsSource
    | OpenaqSource
    | NgsiLdSource
    | GtfsSource
    | GtfsRtSource
    | Datex2Source
    | DatabaseSource,
    Field(discriminator="connector"),
]

__all__ = [
    "AnyFormat",
    "ArcgisSource",
    "CkanSource",
    "DatabaseSource",
    "Datex2Source",
    "FilesSource",
    "GtfsRtSource",
    "GtfsSource",
    "HttpBase",
    "HttpSource",
    "NgsiLdSource",
    "OpenaqSource",
    "Paging",
    "ResponseEnvelope",
    "ResponseEnvelopes",
    "RestPagedSource",
    "SensorthingsSource",
    "SignRequest",
    "SocrataSource",
    "Source",
    "SourceBase",
]
