"""GTFS feeds: the timetable, and what happens now."""

from __future__ import annotations

from typing import Literal

from citylake.schemas.model.formats import GtfsFormat, GtfsRtFormat
from citylake.schemas.model.source.http_source import HttpBase


class GtfsSource(HttpBase):
    """A GTFS zip at a stable address; ``format.table`` is what is read of it."""

    connector: Literal["gtfs"]
    format: GtfsFormat
    params: dict[str, str | int] = {}


class GtfsRtSource(HttpBase):
    """A GTFS-Realtime feed: the whole present, each time it is asked."""

    connector: Literal["gtfs_rt"]
    format: GtfsRtFormat
    params: dict[str, str | int] = {}
