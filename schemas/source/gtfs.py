"""GTFS feeds: the timetable, and what happens now."""

from __future__ import annotations

from typing import Literal

from schemas.formats import GtfsFormat, GtfsRtFormat
from schemas.source.http import HttpBase


class GtfsSource(HttpBase):
    """A GTFS zip at a stable address."""

    connector: Literal["gtfs"]
    format: GtfsFormat


class GtfsRtSource(HttpBase):
    """A GTFS-Realtime feed: the whole present, each time it is asked."""

    connector: Literal["gtfs_rt"]
    format: GtfsRtFormat
