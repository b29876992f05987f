"""The event time of a dataset: its column, and the ends of its days."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from citylake.schemas.model.contract import Contract


def event_time_column(contract: Contract) -> str:
    """Return the standard column that holds the event time, or an empty string if the contract names none."""
    write = contract.write
    return re.sub(r"^\w+\((\w+)\)$", r"\1", write.partition) if write.partition else write.latest_by or ""


def day_end(contract: Contract, day: date, zone: ZoneInfo | None = None) -> datetime:
    """Return the end of ``day`` in ``zone``, by default the dataset's. When it ends, a day's data start to age."""
    return datetime.combine(day + timedelta(days=1), time(), zone or dataset_zone(contract))


def dataset_zone(contract: Contract) -> ZoneInfo:
    """Return the time zone of the dataset's local times: the contract's, else its schedule's, else UTC."""
    return ZoneInfo(contract.zone or (contract.schedule.timezone if contract.schedule else "UTC"))
