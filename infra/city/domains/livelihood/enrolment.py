"""Enrolment by school and year: columns at fixed places, GB18030, planned and enrolled pupils."""

from __future__ import annotations

from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.infra.city.generate.schools import city_schools

ENROLMENT_WIDTHS = {"ZSND": 4, "XXDM": 12, "SSQ": 8, "ZSJH": 6, "SJZS": 6}
_FILE = "zs.txt"
_YEARS = 3


def generate_enrolment(city: City) -> PlantedBatch:
    """Sixty schools and the three years up to the one before the period."""
    batch = PlantedBatch("education.enrolment", ("ZSND", "XXDM", "SJZS"), city.random("enrolment"))
    for year in range(city.start.year - _YEARS, city.start.year):
        for school in city_schools():
            planned = 10 * batch.rng.randint(9, 60)
            enrolled = round(planned * batch.rng.uniform(0.78, 1.0))
            fields = (str(year), school.code, school.district.short, str(planned), str(enrolled))
            batch.add(_FILE, dict(zip(ENROLMENT_WIDTHS, fields, strict=True)))
    batch.plant("more than twice as many as planned", "ENROLMENT_TWICE_THE_PLAN", 3, _too_many)
    batch.plant("a number in words", "VALUE_UNREADABLE", 3, replace_field("ZSJH", "------"))
    batch.plant("a year that is none", "VALUE_TOO_SHORT", 2, replace_field("ZSND", "25-"))
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 2, replace_field("SSQ", "外市"))
    batch.plant("no school", "REQUIRED_MISSING", 2, replace_field("XXDM", None))
    batch.contradict(2, replace_field("SJZS", "3"))
    batch.repeat(3)
    return batch


def write_enrolment_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the one file; every column begins at its place."""
    rows = (
        ((fields[name] or "").ljust(width) for name, width in ENROLMENT_WIDTHS.items()) for fields in batch.of(_FILE)
    )
    (folder / "files/livelihood" / _FILE).write_bytes(("".join(f"{''.join(row)}\n" for row in rows)).encode("gb18030"))


def _too_many(fields: RecordFields, _: object) -> None:
    fields["SJZS"] = str(2 * int(fields["ZSJH"] or 0) + 1)
