"""GTFS: timetables in a zip, and what happens now in protobuf."""

from __future__ import annotations

from typing import Literal

from citylake.schemas.model.formats.format_base import SourceFormat


class GtfsFormat(SourceFormat):
    """One table of a GTFS zip, such as ``stop_times``. Where it is ``optional``, a zip without it has no rows of it."""

    type: Literal["gtfs"] = "gtfs"
    table: str
    optional: bool = False


class GtfsRtFormat(SourceFormat):
    """GTFS-Realtime protobuf: the rows of one kind of entity, fields as dotted columns.

    Columns are the paths of the message (``trip_update.stop_time_update.arrival.time``), beside ``header.timestamp``
    and ``entity.id``. A field that no entity has makes no column. ``rows`` names what makes a row: a stop time, a trip,
    a vehicle, or an entity that an alert is about.
    """

    type: Literal["gtfs_rt"] = "gtfs_rt"
    rows: Literal["stop_time_updates", "trip_updates", "vehicles", "alerts"]
    differential: bool = False
    """Whether a message may hold changes alone. The snapshots that such changes belong to are not put together."""
