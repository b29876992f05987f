"""GTFS: timetables in a zip, and what happens now in protobuf."""

from __future__ import annotations

from typing import Literal

from schemas.declaration import Declaration


class GtfsFormat(Declaration):
    """One table of a GTFS zip, such as ``stop_times``. Where it is ``optional``, a zip without it has no rows of it."""

    type: Literal["gtfs"] = "gtfs"
    table: str
    optional: bool = False


class GtfsRtFormat(Declaration):
    """GTFS-Realtime protobuf: the rows of one kind of entity, fields as dotted columns."""

    type: Literal["gtfs_rt"] = "gtfs_rt"
    rows: Literal["stop_time_updates", "trip_updates", "vehicles", "alerts"]
