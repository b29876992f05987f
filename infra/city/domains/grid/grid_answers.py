"""The true answers about the grid: events that hold, and whether they were closed in time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields


def _closed_in_time(_: City, batches: Mapping[str, PlantedBatch]) -> float:
    """Of the events whose limit has passed by the last report or that are closed, those closed within it, %."""
    events = [record.fields for record in batches["grid.events"].records if record.good]
    now = max(_at(fields, "lc.sb") for fields in events)
    judged = [fields for fields in events if fields["lc.ja"] or _due(fields) < now]
    in_time = [fields for fields in judged if fields["lc.ja"] and _at(fields, "lc.ja") <= _due(fields)]
    return round(100 * len(in_time) / len(judged), 2)


def _at(fields: RecordFields, name: str) -> datetime:
    return datetime.fromisoformat(fields[name] or "")


def _due(fields: RecordFields) -> datetime:
    return _at(fields, "lc.sb") + timedelta(hours=float(fields["sx"] or 0))


ANSWERS = {"grid_cases.closed_in_time": _closed_in_time}
