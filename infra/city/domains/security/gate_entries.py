"""Who comes in at the gates of schools, by quarter of an hour and its END, with the offset from UTC: a file a week."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.security.field_devices import gate_code, gated_schools, school_hours
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.infra.city.generate.schools import School, generate_schools

GATE_HEADER = ("school", "gate", "period_end", "xs", "jzg", "fk")
_KEY = ("gate", "period_end", "xs")
_ARRIVE = (0.04, 0.13, 0.28, 0.33, 0.22)
"""Shares of the pupils in the quarters from the opening on."""
_LATE_VISITS = 0.12
"""Of the days of a school, those on which somebody visits when it is closed."""

Quarter = tuple[datetime, int, int, int]


def generate_gate_entries(city: City) -> PlantedBatch:
    """The quarters of an hour in which somebody came in, in order of time."""
    batch = PlantedBatch("security.gate_entries", _KEY, city.random("gates"))
    rolls = {record.fields["XXDM"]: record.fields["ZXSS"] for record in generate_schools(city).records}
    rows = []
    for school in gated_schools():
        roll = rolls.get(school.code) or ""
        for day in city.dates:
            quarters = _quarters(batch.rng, school, day, int(roll) if roll.isdecimal() else 600)
            rows += [(start, school, counts) for start, *counts in quarters]
    for start, school, counts in sorted(rows, key=lambda row: (row[0], row[1].code)):
        batch.add(f"gate_{_monday(start.date()):%Y%m%d}.tsv", _fields(school, start, counts))
    _spoil(batch)
    return batch


def write_gate_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a week, with tabs between fields."""
    for name, records in batch.by_source().items():
        text = io.StringIO(newline="")
        sheet = csv.writer(text, delimiter="\t", lineterminator="\n")
        sheet.writerow(GATE_HEADER)
        sheet.writerows([fields[column] for column in GATE_HEADER] for fields in records)
        (folder / "files/security" / name).write_text(text.getvalue(), encoding="utf-8")


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _quarters(rng: Random, school: School, day: date, roll: int) -> Iterator[Quarter]:
    opens, closes = (datetime.combine(day, time.fromisoformat(text)) for text in school_hours(school))
    if day.weekday() < 5:
        present = rng.uniform(0.93, 0.99)
        for number, share in enumerate(_ARRIVE):
            pupils = round(roll * present * share)
            yield opens + timedelta(minutes=15 * number), pupils, round(pupils / 14), 0
        for hour in rng.sample(range(9, 16), 2):
            start = datetime.combine(day, time(hour, rng.choice((0, 15, 30, 45))))
            yield start, 0, 0, rng.randint(1, 5)
    if rng.random() < _LATE_VISITS:
        yield _after(closes, rng), 0, 0, rng.randint(1, 3)


def _after(closes: datetime, rng: Random) -> datetime:
    return closes + timedelta(minutes=15 * rng.randint(0, 5))


def _fields(school: School, start: datetime, counts: list[int]) -> RecordFields:
    pupils, staff, visitors = counts
    return {
        "school": school.code,
        "gate": gate_code(school),
        "period_end": f"{start + timedelta(minutes=15):%Y-%m-%dT%H:%M:%S}+08:00",
        "xs": str(pupils),
        "jzg": str(staff),
        "fk": str(visitors),
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("more pupils than a gate lets in", "GATE_OVERFLOW", 4, replace_field("xs", "8888"))
    batch.plant("a negative number", "VALUE_OUT_OF_RANGE", 4, replace_field("fk", "-1"))
    batch.plant("a number in words", "VALUE_UNREADABLE", 3, replace_field("jzg", "many"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 4, replace_field("period_end", "2026-02-30T08:00:00+08:00"))
    batch.plant("no school", "REQUIRED_MISSING", 3, replace_field("school", None))
    batch.contradict(4, replace_field("fk", "77"))
    batch.repeat(6)
