"""The settings of the connector ``gtfs``."""

from __future__ import annotations

from typing import Literal

from citylake.schemas.model.formats import GtfsFormat
from citylake.schemas.model.source.http_base import HttpBase


class GtfsSource(HttpBase):
    """A GTFS zip at a stable address; ``format.table`` is the table to read."""

    connector: Literal["gtfs"]
    format: GtfsFormat
    params: dict[str, str | int] = {}
