"""The settings of the connector ``gtfs_rt``."""

from __future__ import annotations

from typing import Literal

from citylake.schemas.model.formats import GtfsRtFormat
from citylake.schemas.model.source.http_base import HttpBase


class GtfsRtSource(HttpBase):
    """A GTFS-Realtime feed: every response is the whole present state."""

    connector: Literal["gtfs_rt"]
    format: GtfsRtFormat
    params: dict[str, str | int] = {}
