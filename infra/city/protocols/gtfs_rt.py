"""Current bus operations: ``/transit/rt/{vehicles,trip_updates,alerts}.pb``, a message every 20 minutes of the day.

``?slot=n`` chooses the message (from 0; without it, the last). Faults: ``rotating`` serves the next one with each
request, ``half`` ends the message in its middle, ``differential`` and ``unstamped`` change its header, ``old_stamp``
sets the header an hour back, ``same_stamp`` gives every message the first one's time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from citylake.infra.city.protocols.gtfs_rt_messages import (
    BusSnapshot,
    bus_snapshots,
    service_alerts,
    trip_updates,
    vehicle_positions,
)
from citylake.infra.city.serve.city_data import CityData
from citylake.infra.city.serve.conditional_response import conditional_response
from citylake.infra.city.serve.fault_injection import is_fault_wanted

_KINDS = {"vehicles": vehicle_positions, "trip_updates": trip_updates, "alerts": service_alerts}
_HOUR_S = 3600


def gtfs_rt_routes(held: CityData) -> list[Route]:
    """The service's addresses."""
    return [Route("/transit/rt/{kind}.pb", _Present(held).message)]


@dataclass
class _Present:
    held: CityData

    @cached_property
    def snapshots(self) -> list[BusSnapshot]:
        return bus_snapshots(self.held)

    def message(self, request: Request) -> Response:
        """One message."""
        kind = request.path_params["kind"]
        if kind not in _KINDS:
            return Response("no such feed", 404)
        now = self.snapshots[self._slot(request) % len(self.snapshots)]
        message = _KINDS[kind](now)
        self._spoil(request, message)
        body: bytes = message.SerializePartialToString(deterministic=True)
        if is_fault_wanted(request, "half"):
            body = body[: len(body) // 2]
        return conditional_response(request, body, datetime.fromtimestamp(now.stamp, UTC), "application/x-protobuf")

    def _slot(self, request: Request) -> int:
        if not is_fault_wanted(request, "rotating"):
            return int(request.query_params.get("slot", -1))
        with self.held.lock:
            turns = self.held.memory.setdefault("gtfs_rt", {})
            place = (request.scope["root_path"], request.path_params["kind"])
            turns[place] = turns.get(place, -1) + 1
            return int(turns[place])

    def _spoil(self, request: Request, message: Any) -> None:
        header = message.header
        if is_fault_wanted(request, "differential"):
            header.incrementality = header.DIFFERENTIAL
        if is_fault_wanted(request, "old_stamp"):
            header.timestamp -= _HOUR_S
        if is_fault_wanted(request, "same_stamp"):
            header.timestamp = self.snapshots[0].stamp
        if is_fault_wanted(request, "unstamped"):
            header.ClearField("timestamp")
