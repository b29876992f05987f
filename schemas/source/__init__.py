"""Where a dataset comes from: one model a connector. ``${NAME}`` in text is filled from the environment."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from schemas.source.arcgis import ArcgisSource
from schemas.source.base import AnyFormat, Envelope, Envelopes, SourceBase
from schemas.source.ckan import CkanSource
from schemas.source.database import DatabaseSource
from schemas.source.datex2 import Datex2Source
from schemas.source.files import FilesSource
from schemas.source.gtfs import GtfsRtSource, GtfsSource
from schemas.source.http import HttpBase, HttpSource
from schemas.source.ngsi_ld import NgsiLdSource
from schemas.source.openaq import OpenaqSource
from schemas.source.rest_paged import Paging, RestPagedSource, Sign
from schemas.source.sensorthings import SensorthingsSource
from schemas.source.socrata import SocrataSource

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
    "Envelope",
    "Envelopes",
    "FilesSource",
    "GtfsRtSource",
    "GtfsSource",
    "HttpBase",
    "HttpSource",
    "NgsiLdSource",
    "OpenaqSource",
    "Paging",
    "RestPagedSource",
    "SensorthingsSource",
    "Sign",
    "SocrataSource",
    "Source",
    "SourceBase",
]
