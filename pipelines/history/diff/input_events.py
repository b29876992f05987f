"""What changed the inputs of a mart between two of its versions: one event for each commit, in order of time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal

import polars as pl
from deltalake.exceptions import DeltaError

from citylake.pipelines.history.diff.mart_versions import MartVersion
from citylake.pipelines.lake.delta_table import open_delta_if_exists
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger, batches_table
from citylake.schemas.model.entity import ENTITY_SCHEMA

_MART = "mart."


@dataclass(frozen=True, slots=True)
class InputEvent:
    """A change of one input: a dataset's batch, a person who was forgotten, another mart, or links of entities."""

    kind: Literal["batch", "forgotten", "upstream", "links"]
    input: str
    """A dataset, ``mart.<mart>`` or ``entities.<entity>``."""
    at: datetime
    versions: Mapping[str, int]
    """Table → its Delta version after the event."""
    days: frozenset[date] | None
    """The days of the dataset whose rows changed, as the commit noted them; None: any."""
    batch: Mapping[str, Any] | None = None
    """The row of ``batches``."""
    before: int = -1
    """The version of a dataset's table before it."""


def input_events(lake: Lake, ledger: Ledger, before: MartVersion, after: MartVersion) -> list[InputEvent]:
    """The events between two versions, of the inputs that both read."""
    both = {name: (at, after.versions[name]) for name, at in before.versions.items() if name in after.versions}
    moved = {name: span for name, span in both.items() if span[0] < span[1]}
    found: list[InputEvent] = []
    for name, (first, last) in moved.items():
        if name.startswith(f"{ENTITY_SCHEMA}."):
            found.append(InputEvent("links", name, after.published_at, {name: last}, None))
        elif not name.startswith(_MART):
            found += _dataset_events(lake, ledger, name, first, last)
    marts = sorted({name.split(".")[1] for name in moved if name.startswith(_MART)})
    for mart in marts:
        tables = {name: span[1] for name, span in moved.items() if name.startswith(f"{_MART}{mart}.")}
        found.append(InputEvent("upstream", f"{_MART}{mart}", after.published_at, tables, None))
    return sorted(found, key=lambda each: each.at)


def _dataset_events(lake: Lake, ledger: Ledger, dataset: str, first: int, last: int) -> list[InputEvent]:
    rows = ledger.read(batches_table.TABLE).filter(
        pl.col("dataset") == dataset,
        pl.col("status") == "committed",
        pl.col("table_version").is_between(first, last, closed="right"),
    )
    batches = {row["table_version"]: row for row in rows.iter_rows(named=True)}
    others = {at: told for at, told in _forgotten(lake, dataset, first, last) if at not in batches}
    events, reached = [], first
    for version in sorted({*batches, *others}):
        if version in batches:
            row = batches[version]
            days = frozenset(row["days"] or ())
            event = InputEvent("batch", dataset, row["committed_at"], {dataset: version}, days, row, reached)
        else:
            event = InputEvent("forgotten", dataset, others[version], {dataset: version}, None, None, reached)
        events.append(event)
        reached = version
    return events


def _forgotten(lake: Lake, dataset: str, first: int, last: int) -> Iterator[tuple[int, datetime]]:
    """The commits that took rows of a person away, as far back as the table's log reaches."""
    try:
        table = open_delta_if_exists(lake, lake.standard(dataset))
        entries = table.history() if table else []
    except (DeltaError, OSError):
        return
    for entry in entries:
        note = json.loads(entry.get("citylake") or "{}")
        if first < entry["version"] <= last and str(note.get("batch", "")).startswith("forget-"):
            yield entry["version"], datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=entry["timestamp"])
