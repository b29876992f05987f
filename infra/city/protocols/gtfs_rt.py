"""What the buses do now: ``/transit/rt/{vehicles,trip_updates,alerts}.pb``, a message every 20 minutes of the day.

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

from infra.city.protocols.gtfs_rt_messages import Snapshot, alerts, snapshots, trip_updates, vehicles
from infra.city.serve.conditional import document
from infra.city.serve.faults import wanted
from infra.city.serve.held import Held

_KINDS = {"vehicles": vehicles, "trip_updates": trip_updates, "alerts": alerts}
_HOUR_S = 3600


def routes(held: Held) -> list[Route]:
    """The service's addresses."""
    return [Route("/transit/rt/{kind}.pb", _Present(held).message)]


@dataclass
class _Present:
    held: Held

    @cached_property
    def snapshots(self) -> list[Snapshot]:
        return snapshots(self.held)

    def message(self, request: Request) -> Response:
        """One message."""
        kind = request.path_params["kind"]
        if kind not in _KINDS:
            return Response("no such feed", 404)
        now = self.snapshots[self._slot(request) % len(self.snapshots)]
        message = _KINDS[kind](now)
        self._spoil(request, message)
        body: bytes = message.SerializePartialToString(deterministic=True)
        if wanted(request, "half"):
            body = body[: len(body) // 2]
        return document(request, body, datetime.fromtimestamp(now.stamp, UTC), "application/x-protobuf")

    def _slot(self, request: Request) -> int:
        if not wanted(request, "rotating"):
            return int(request.query_params.get("slot", -1))
        with self.held.lock:
            turns = self.held.memory.setdefault("gtfs_rt", {})
            place = (request.scope["root_path"], request.path_params["kind"])
            turns[place] = turns.get(place, -1) + 1
            return int(turns[place])

    def _spoil(self, request: Request, message: Any) -> None:
        header = message.header
        if wanted(request, "differential"):
            header.incrementality = header.DIFFERENTIAL
        if wanted(request, "old_stamp"):
            header.timestamp -= _HOUR_S
        if wanted(request, "same_stamp"):
            header.timestamp = self.snapshots[0].stamp
        if wanted(request, "unstamped"):
            header.ClearField("timestamp")
