"""Feeder load: a GB18030 CSV a day from the distribution company, MW, quarters by their END, midnight as 24:00."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.domains.energy.true_power import energy_hours, load_mw
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field, widen_digits

LOAD_HEADER = ("线路编号", "供电区", "时标", "有功功率(MW)")
_KEY = ("线路编号", "时标")


def generate_load(city: City) -> PlantedBatch:
    """The load of each district's feeder every quarter of an hour."""
    batch = PlantedBatch("energy.grid_load", _KEY, city.random("grid_load"))
    for quarter in range(4 * energy_hours(city).start, 4 * city.hours):
        start = city.at(0) + timedelta(minutes=15 * quarter)
        clock = (quarter % 96 + 1) * 15
        for district in DISTRICTS:
            power = load_mw(city, district, quarter) * batch.rng.uniform(0.996, 1.004)
            fields: RecordFields = {
                "线路编号": f"10kV-{district.code[-2:]}",
                "供电区": batch.rng.choice((district.name, district.short)),
                "时标": f"{start:%Y/%m/%d} {clock // 60:02d}:{clock % 60:02d}",
                "有功功率(MW)": f"{power:.3f}",
            }
            batch.add(f"load_{start:%Y%m%d}.csv", fields)
    _spoil(batch)
    return batch


def write_load_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a day."""
    for name, records in batch.by_source().items():
        text = io.StringIO(newline="")
        sheet = csv.writer(text, lineterminator="\r\n")
        sheet.writerow(["澜海供电公司配网负荷曲线", "", "", ""])
        sheet.writerow(LOAD_HEADER)
        sheet.writerows([fields[column] for column in LOAD_HEADER] for fields in records)
        (folder / "files/energy" / name).write_bytes(text.getvalue().encode("gb18030"))


def _spoil(batch: PlantedBatch) -> None:
    batch.smudge(60, widen_digits("有功功率(MW)"))
    batch.plant("a load in words", "VALUE_UNREADABLE", 6, replace_field("有功功率(MW)", "通信中断", "检修"))
    batch.plant("a quarter that is none", "TIME_UNREADABLE", 3, replace_field("时标", "2026/02/30 08:15", "#VALUE!"))
    batch.plant("no feeder", "REQUIRED_MISSING", 3, replace_field("线路编号", None))
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 2, replace_field("供电区", "邻市"))
    batch.plant("a load beyond every line", "VALUE_OUT_OF_RANGE", 2, _beyond)
    batch.contradict(4, replace_field("有功功率(MW)", "77.777"))
    batch.repeat(6)


def _beyond(fields: RecordFields, _: Random) -> None:
    fields["有功功率(MW)"] = "99999.000"
