"""Employment by street and month: a GB18030 CSV a month, two titles above the header, a line of sums below the rows."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.communities import STREETS, Street
from citylake.infra.city.domains.livelihood.past_months import past_months
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field, widen_digits

EMPLOYMENT_HEADER = ("镇街代码", "镇街名称", "所属区", "登记失业人数", "新增就业人数")
_KEY = ("镇街代码", "登记失业人数", "新增就业人数")


def generate_employment(city: City) -> PlantedBatch:
    """Eighteen streets and twelve months."""
    batch = PlantedBatch("livelihood.employment", _KEY, city.random("employment"))
    unemployed = {street.code: batch.rng.randint(280, 900) * street.district.bustle for street in STREETS}
    for month in past_months(city):
        for street in STREETS:
            unemployed[street.code] *= batch.rng.uniform(0.96, 1.04)
            batch.add(f"jy_{month:%Y%m}.csv", _fields(batch.rng, street, round(unemployed[street.code])))
    _spoil(batch)
    return batch


def write_employment_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a month."""
    for name, records in batch.by_source().items():
        text = io.StringIO(newline="")
        text.write(f"澜海市就业情况月报\r\n{name[3:7]}年{name[7:9]}月\r\n")
        sheet = csv.writer(text, lineterminator="\r\n")
        sheet.writerow(EMPLOYMENT_HEADER)
        sheet.writerows([fields[column] for column in EMPLOYMENT_HEADER] for fields in records)
        sheet.writerow(["合计", "", "", "", ""])
        (folder / "files/livelihood" / name).write_bytes(text.getvalue().encode("gb18030"))


def _fields(rng: Random, street: Street, unemployed: int) -> RecordFields:
    return {
        "镇街代码": street.code,
        "镇街名称": street.name,
        "所属区": street.district.name,
        "登记失业人数": str(unemployed),
        "新增就业人数": str(round(210 * street.district.bustle * rng.uniform(0.7, 1.3))),
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.smudge(8, widen_digits("新增就业人数"))
    batch.plant("a number in words", "VALUE_UNREADABLE", 3, replace_field("登记失业人数", "待核", "约五百"))
    batch.plant("a negative number", "VALUE_OUT_OF_RANGE", 2, replace_field("新增就业人数", "-14"))
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 2, replace_field("所属区", "外市"))
    batch.plant("a street of another district", "STREET_NOT_OF_DISTRICT", 3, _move_street)
    batch.plant("no street", "REQUIRED_MISSING", 2, replace_field("镇街代码", None))
    batch.contradict(2, replace_field("新增就业人数", "9"))
    batch.repeat(3)


def _move_street(fields: RecordFields, rng: Random) -> None:
    others = [street.district.name for street in STREETS if street.district.name != fields["所属区"]]
    fields["所属区"] = rng.choice(others)
