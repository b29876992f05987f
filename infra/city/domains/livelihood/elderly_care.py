"""Care homes by month: one workbook a month with two rows of header, streets by code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from xlsxwriter import Workbook

from citylake.infra.city.city_model import City
from citylake.infra.city.communities import STREETS, Street
from citylake.infra.city.domains.livelihood.past_months import past_months
from citylake.infra.city.generate.enterprises import write_sheet
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

CARE_HEADERS = (("机构", "机构", "机构", "规模", "规模"), ("编码", "名称", "镇街代码", "床位数", "在住人数"))
_KEY = ("机构.编码", "规模.床位数", "规模.在住人数")
_TAILS = ("颐养院", "福寿苑")


@dataclass(frozen=True, slots=True)
class CareHome:
    """A care home, and the beds that it has when the months begin."""

    code: str
    name: str
    street: Street
    beds: int


def care_homes() -> list[CareHome]:
    """Two homes in each street."""
    found = []
    for street in STREETS:
        for number, tail in enumerate(_TAILS, 1):
            code = f"YL{street.code}{number:02d}"
            found.append(CareHome(code, f"{street.name[:2]}{tail}", street, Random(code).randint(4, 26) * 10))
    return found


def generate_care(city: City) -> PlantedBatch:
    """Each home in each month; now and then a home gets more beds."""
    batch = PlantedBatch("livelihood.elderly_care", _KEY, city.random("care"))
    beds = {home.code: home.beds for home in care_homes()}
    for month in past_months(city):
        for home in care_homes():
            beds[home.code] += 10 if batch.rng.random() < 0.04 else 0
            batch.add(f"yl_{month:%Y%m}.xlsx", _fields(batch.rng, home, beds[home.code]))
    _spoil(batch)
    return batch


def write_care_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one workbook a month."""
    names = [".".join(pair) for pair in zip(*CARE_HEADERS, strict=True)]
    for name, records in batch.by_source().items():
        rows = [[fields[column] for column in names] for fields in records]
        with Workbook(folder / "files/livelihood" / name) as book:
            # The default is the time of writing: then two runs would give different bytes.
            book.set_properties({"created": datetime.strptime(name, "yl_%Y%m.xlsx").replace(tzinfo=UTC)})
            write_sheet(book.add_worksheet("养老机构"), *CARE_HEADERS, *rows)


def _fields(rng: Random, home: CareHome, beds: int) -> RecordFields:
    return {
        "机构.编码": home.code,
        "机构.名称": home.name,
        "机构.镇街代码": home.street.code,
        "规模.床位数": str(beds),
        "规模.在住人数": str(round(beds * rng.uniform(0.55, 0.97))),
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("more residents than beds", "RESIDENTS_ABOVE_BEDS", 5, _overfill)
    batch.plant("a number in words", "VALUE_UNREADABLE", 3, replace_field("规模.床位数", "若干"))
    batch.plant("a street code that is too short", "VALUE_TOO_SHORT", 3, replace_field("机构.镇街代码", "9901"))
    batch.plant("no code", "REQUIRED_MISSING", 2, replace_field("机构.编码", None))
    batch.contradict(3, replace_field("规模.在住人数", "0"))
    batch.repeat(4)


def _overfill(fields: RecordFields, rng: Random) -> None:
    fields["规模.在住人数"] = str(int(fields["规模.床位数"] or 0) + rng.randint(1, 40))
