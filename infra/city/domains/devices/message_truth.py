"""The true order and completeness of the devices' messages, from those that must be in the lake; shared with no SQL."""

from __future__ import annotations

import itertools
from collections import defaultdict
from datetime import UTC, datetime

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.provenance.chain_truth import Batches, good_fields

Arrival = tuple[datetime, int]
"""When a message came, and its sequence number."""
Device = tuple[str, str]
"""Platform and code."""


def arrivals(batches: Batches) -> dict[Device, list[Arrival]]:
    """The arrivals of each device, in their order; of equal times the lower number first."""
    found = defaultdict[Device, list[Arrival]](list)
    for row in good_fields(batches, "agriculture.sensor_readings"):
        found["mqtt", row["payload.dev"]].append((_time(row["received_at"]), int(row["payload.seq"])))
    for row in good_fields(batches, "environment.noise_observations"):
        found["sensorthings", row["device"]].append((_time(row["resultTime"]), int(row["parameters.seq"])))
    for row in good_fields(batches, "environment.water_levels"):
        found["ngsi_ld", row["gauge.value"]].append((_time(row["dateReceived.value"]), int(row["sequence.value"])))
    return {device: sorted(each) for device, each in found.items()}


def gaps(batches: Batches) -> set[tuple[str, str, int, int]]:
    """Platform, device, the number before and the number of missing messages, of each gap."""
    found = set()
    for device, came in arrivals(batches).items():
        seen = sorted({seq for _, seq in came})
        for before, after in itertools.pairwise(seen):
            if after - before > 1:
                found.add((*device, before, after - before - 1))
    return found


def disorder(batches: Batches) -> set[tuple[str, str, int]]:
    """Platform, device and number of each message that first came after a message with a higher number."""
    found = set()
    for device, came in arrivals(batches).items():
        highest, seen = -1, set[int]()
        for _, seq in came:
            if seq not in seen and seq < highest:
                found.add((*device, seq))
            seen.add(seq)
            highest = max(highest, seq)
    return found


def count_missing(_: City, batches: Batches) -> int:
    """All missing messages."""
    return sum(missing for *_, missing in gaps(batches))


def count_disorder(_: City, batches: Batches) -> int:
    """All messages that came out of order."""
    return len(disorder(batches))


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)
