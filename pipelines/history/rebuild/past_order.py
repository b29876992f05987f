"""The order in which batches were committed and marts were built, as the tables' versions prove it."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from citylake.pipelines.history.rebuild.past_batch import PastBatch
from citylake.pipelines.history.rebuild.past_publication import PastBuild
from citylake.schemas.words.errors import CitylakeError

PastEvent = PastBatch | PastBuild


def in_past_order(batches: Mapping[str, Sequence[PastBatch]], builds: Sequence[PastBuild]) -> list[PastEvent]:
    """Return all of them in one order: each build after exactly those batches that it has read.

    Batches of one dataset keep their order. What the versions leave open, the ledger's numbers decide.
    Raises REBUILD_ORDER_UNCLEAR.
    """
    events: list[PastEvent] = [*(each for found in batches.values() for each in found), *builds]
    at = {id(event): place for place, event in enumerate(events)}
    after: list[set[int]] = [set() for _ in events]
    for first, then in _pairs(batches, builds):
        after[at[id(first)]].add(at[id(then)])
    order = _topological(events, after)
    if len(order) < len(events):
        lost = next(event for place, event in enumerate(events) if place not in set(order))
        raise CitylakeError("REBUILD_ORDER_UNCLEAR", what=_name(lost))
    return [events[place] for place in order]


def _name(event: PastEvent) -> str:
    return f"{event.dataset} {event.batch}" if isinstance(event, PastBatch) else f"mart.{event.mart} {event.version}"


def _pairs(
    batches: Mapping[str, Sequence[PastBatch]], builds: Sequence[PastBuild]
) -> Iterable[tuple[PastEvent, PastEvent]]:
    """What must come before what."""
    for found in batches.values():
        yield from pairwise(found)
    yield from pairwise(builds)
    for build in builds:
        for name, version in build.versions.items():
            read = [each for each in batches.get(name, ()) if each.place <= version]
            yield from ((each, build) for each in read[-1:])
            yield from ((build, each) for each in batches.get(name, ())[len(read) : len(read) + 1])


def _topological(events: Sequence[PastEvent], after: Sequence[set[int]]) -> list[int]:
    open_ = [0] * len(events)
    for later in after:
        for place in later:
            open_[place] += 1
    ready = [(event.number, place) for place, event in enumerate(events) if not open_[place]]
    heapq.heapify(ready)
    done: list[int] = []
    while ready:
        _, place = heapq.heappop(ready)
        done.append(place)
        for then in after[place]:
            open_[then] -= 1
            if not open_[then]:
                heapq.heappush(ready, (events[then].number, then))
    return done
