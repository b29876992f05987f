"""GTFS-Realtime: the rows of one kind of entity, each with the fields of the header."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from citylake.pipelines.parse.flatten_protobuf import flatten_message, unnamed_enums
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest, ReadResult, check_column_names
from citylake.pipelines.parse.row_buffer import RowBuffer
from citylake.pipelines.parse.spool import Spool
from citylake.pipelines.pull.connectors.gtfs_rt import gtfs_rt_message
from citylake.schemas.model.formats import GtfsRtFormat

_KINDS = {
    "stop_time_updates": ("trip_update", "stop_time_update"),
    "trip_updates": ("trip_update", ""),
    "vehicles": ("vehicle", ""),
    "alerts": ("alert", "informed_entity"),
}
"""The member of the entity, and the list in it that gives the rows."""
_BODIES = ("trip_update", "vehicle", "alert", "shape", "stop", "trip_modifications")

EntityRow = dict[str, str]


def read_gtfs_rt(request: ReadRequest, fmt: GtfsRtFormat) -> ReadResult:
    """Write the message; ``_row`` numbers the rows.

    Raises FILE_IS_HTML, GTFS_RT_BROKEN, GTFS_RT_UNSTAMPED or GTFS_RT_DIFFERENTIAL.
    """
    message = gtfs_rt_message.read_feed_message(request.files[0], request.shown)
    gtfs_rt_message.require_full_dataset(message, request.shown, differential=fmt.differential)
    work = _GtfsRtWork(request, fmt, message)
    gathered = RowBuffer(request, Spool(request.scratch)).all(
        ("", number, row) for number, row in enumerate(work.rows(), 1)
    )
    check_column_names(request, gathered.columns, 1)
    written = request.write(gathered.frame(), gathered.spool.group_rows)
    work.add_notices(written)
    return ReadResult(gathered.columns, written, work.report)


@dataclass(slots=True)
class _GtfsRtWork:
    request: ReadRequest
    fmt: GtfsRtFormat
    message: Any
    report: ParseReport = field(default_factory=ParseReport)
    entities: Counter[str] = field(default_factory=Counter)
    ids: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    newest: int = 0

    def rows(self) -> Iterator[EntityRow]:
        """Every row of the wanted kind."""
        body, inner = _KINDS[self.fmt.rows]
        header = flatten_message(self.message.header, "header", self.unknown)
        for number, entity in enumerate(self.message.entity, 1):
            first = header | self._entity(entity)
            if entity.HasField(body):
                yield from self._of(first, getattr(entity, body), body, inner, number)
            elif entity.is_deleted:
                yield first

    def add_notices(self, written: int) -> None:
        """Add facts and notices to the report."""
        stamp, shown = self.message.header.timestamp, self.request.shown
        self.report.facts |= {"entities": dict(self.entities), "unknown_fields": dict(self.unknown)}
        if self.newest > stamp:
            self.report.add_notice("GTFS_RT_CLOCK", file=shown, stamp=stamp, newest=self.newest)
        twice = [name for name, times in self.ids.items() if times > 1]
        if twice:
            self.report.add_notice("GTFS_RT_ENTITY_TWICE", file=shown, count=len(twice), example=twice[0])
        if not written:
            self.report.add_notice("HEADER_ONLY", file=shown, row=1)

    def _entity(self, entity: Any) -> EntityRow:
        self.ids[entity.id] += 1
        deque(unnamed_enums(entity, "entity", self.unknown), maxlen=0)
        bodies = [name for name in _BODIES if entity.HasField(name)]
        self.entities.update(bodies or ["deleted" if entity.is_deleted else "empty"])
        deleted = {"entity.is_deleted": str(entity.is_deleted).lower()} if entity.HasField("is_deleted") else {}
        return {"entity.id": entity.id, **deleted}

    def _of(self, first: EntityRow, body: Any, path: str, inner: str, number: int) -> Iterator[EntityRow]:
        self.newest = max(self.newest, getattr(body, "timestamp", 0))
        left_out = inner or ("stop_time_update" if path == "trip_update" else "")
        outer = first | flatten_message(body, path, self.unknown, left_out)
        if not inner:
            yield outer
            return
        items = getattr(body, inner)
        for item in items:
            yield outer | flatten_message(item, f"{path}.{inner}", self.unknown)
        if not items and path == "alert":
            yield outer
        elif not items:
            self.report.skip(number, first["entity.id"], f"without {inner}")
