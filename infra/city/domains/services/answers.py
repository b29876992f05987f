"""What the marts must answer, computed from the records and never from a mart."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.services.applications import TIME_FORMAT
from citylake.infra.city.domains.services.in_force import in_force
from citylake.infra.city.domains.services.snapshots import planted_bursts
from citylake.infra.city.domains.services.work_days import work_calendar
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields


def overdue_applications(city: City, batches: Mapping[str, PlantedBatch]) -> int:
    """Applications that were closed after the promised day, or are open past it on the last day of the city."""
    registers = in_force(batches["government.service_items"], "事项编码")
    found = 0
    for record in batches["government.applications"].records:
        if record.good and (promised := _promised(registers, record.fields)) is not None:
            due = work_calendar().add_workdays(_day(record.fields["SLSJ"]), promised)
            closed = _day(record.fields["BJSJ"]) if record.fields["BJSJ"] else max(city.dates)
            found += closed > due
    return found


def snapshot_bursts(city: City, _: Mapping[str, PlantedBatch]) -> int:
    """The bursts that were planted in the photo app."""
    return len(planted_bursts(city))


def _promised(registers: Mapping[str, Mapping[str, RecordFields]], application: RecordFields) -> int | None:
    """What the item's register in force on the day of acceptance promised; None: the item is not in it."""
    day = (application["SLSJ"] or "")[:8]
    last = max(name for name in registers if name[3:11] <= day)
    item = registers[last].get(application["SXBM"] or "")
    return int(item["承诺时限(工作日)"] or 0) if item else None


def _day(text: str | None) -> date:
    return datetime.strptime(text or "", TIME_FORMAT).date()  # noqa: DTZ007
