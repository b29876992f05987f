"""Applications to government services: a text a day, fields apart by bars, pinyin initials, times without signs.

The paper tells of 7,500 applications a day; this city has a twentieth of that on a working day.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.domains.services.items import Item, city_items
from citylake.infra.city.domains.services.work_days import work_calendar
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.quality.calendars import WorkCalendar

APPLICATION_HEADER = ("BJBH", "SXBM", "XZQH", "QD", "SLSJ", "BJSJ", "ZT", "CLS", "MTJCLS")
TIME_FORMAT = "%Y%m%d%H%M%S"
_A_WORKING_DAY, _A_FREE_DAY = 375, 90
_CHANNELS = (("CK", 0.34), ("WZ", 0.26), ("YD", 0.22), ("ZD", 0.18))
_LATE = 0.045
_REUSE = {"CK": 0.25, "WZ": 0.55, "YD": 0.6, "ZD": 0.7}


def generate_applications(city: City) -> PlantedBatch:
    """Every application of the period, in the file of the day of its acceptance."""
    batch = PlantedBatch("government.applications", ("BJBH", "SLSJ"), city.random("applications"))
    items, calendar, number = city_items(city), work_calendar(), 0
    for day in city.dates:
        for accepted in sorted(_moments(batch.rng, day, works=calendar.is_workday(day))):
            number += 1
            fields = _fields(batch.rng, city, calendar, number, accepted, batch.rng.choice(items))
            batch.add(f"bj_{day:%Y%m%d}.txt", fields)
    _spoil(batch)
    return batch


def write_application_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one text a day."""
    for name, records in batch.by_source().items():
        lines = ["|".join(APPLICATION_HEADER)]
        lines += ["|".join(fields[column] or "" for column in APPLICATION_HEADER) for fields in records]
        (folder / "files/services" / name).write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))


def _moments(rng: Random, day: date, *, works: bool) -> Iterator[datetime]:
    for _ in range(_A_WORKING_DAY if works else _A_FREE_DAY):
        hour = rng.triangular(8.5, 17.5, 10) if works else rng.triangular(8, 22, 15)
        yield datetime.combine(day, time()) + timedelta(seconds=round(hour * 3600))


def _fields(
    rng: Random, city: City, calendar: WorkCalendar, number: int, accepted: datetime, item: Item
) -> RecordFields:
    works = calendar.is_workday(accepted.date())
    channel = _channel(rng, works=works)
    closed = _closing(rng, calendar, accepted, item)
    done = closed is not None and closed.date() in set(city.dates)
    return {
        "BJBH": f"BJ{accepted:%Y%m%d}{number:06d}",
        "SXBM": item.code,
        "XZQH": rng.choices([place.code for place in DISTRICTS], [place.bustle for place in DISTRICTS])[0],
        "QD": channel,
        "SLSJ": accepted.strftime(TIME_FORMAT),
        "BJSJ": closed.strftime(TIME_FORMAT) if closed and done else "",
        "ZT": "办结" if done else "办理中",
        "CLS": str(item.documents),
        "MTJCLS": str(sum(rng.random() < _REUSE[channel] for _ in range(item.documents))),
    }


def _channel(rng: Random, *, works: bool) -> str:
    """Counters are closed on days off; the other ways are open."""
    names, weights = zip(*(_CHANNELS if works else _CHANNELS[1:]), strict=True)
    return str(rng.choices(names, weights)[0])


def _closing(rng: Random, calendar: WorkCalendar, accepted: datetime, item: Item) -> datetime | None:
    """Mostly within the promised time, seldom some days later; None: forgotten."""
    late = rng.random() < _LATE
    if late and rng.random() < 0.3:
        return None
    days = item.promised + rng.randint(1, 4) if late else rng.randint(0, item.promised)
    if days == 0:
        return accepted + timedelta(minutes=rng.randint(3, 50))
    day = calendar.add_workdays(accepted.date(), days)
    return datetime.combine(day, time(9)) + timedelta(seconds=rng.randrange(8 * 3600))


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("closed before it was accepted", "APPLICATION_CLOSED_BEFORE_ACCEPTED", 6, _close_too_early)
    batch.plant("more documents reused than required", "DOCUMENTS_REUSED_ABOVE_REQUIRED", 7, _reuse_too_many)
    batch.plant("a channel that no list has", "CODE_UNKNOWN", 4, replace_field("QD", "XX", "TX"))
    batch.plant("a district that was merged away", "CODE_NOT_VALID", 5, replace_field("XZQH", "990107"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 5, replace_field("SLSJ", "20260230101500", "00000000"))
    batch.plant("no number", "REQUIRED_MISSING", 3, replace_field("BJBH", None))
    batch.contradict(5, replace_field("ZT", "补正"))
    batch.repeat(8)


def _close_too_early(fields: RecordFields, rng: Random) -> None:
    accepted = datetime.strptime(fields["SLSJ"] or "", TIME_FORMAT)  # noqa: DTZ007
    fields["BJSJ"] = (accepted - timedelta(hours=rng.randint(1, 40))).strftime(TIME_FORMAT)
    fields["ZT"] = "办结"


def _reuse_too_many(fields: RecordFields, rng: Random) -> None:
    fields["MTJCLS"] = str(int(fields["CLS"] or 0) + rng.randint(1, 3))
