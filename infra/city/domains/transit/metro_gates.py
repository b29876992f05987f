"""Passages of metro gates: a fixed-width text a day, a quarter of an hour by its END."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, poisson_number, replace_field

_WIDTHS = {"station": 6, "region": 7, "day": 9, "end": 6, "entries": 7, "exits": 7}
_FIRST_H, _LAST_H = 6, 21
_BUSY = 90


def generate_gates(city: City) -> PlantedBatch:
    """Entries and exits of one station a district, in the hours in which the metro runs."""
    batch = PlantedBatch("transit.metro_gates", ("station", "day", "end"), city.random("gates"))
    for day in city.dates:
        for district in DISTRICTS:
            for quarter in range(4 * _FIRST_H, 4 * _LAST_H):
                start = datetime.combine(day, datetime.min.time()) + timedelta(minutes=15 * quarter)
                load = _BUSY * city.traffic(district, (day - city.start).days * 24 + quarter // 4) + 4
                end = start + timedelta(minutes=15)
                fields: RecordFields = {
                    "station": f"M{district.code[-2:]}",
                    "region": district.code,
                    "day": f"{end:%Y%m%d}",
                    "end": f"{end:%H%M}",
                    "entries": f"{poisson_number(batch.rng, load)}",
                    "exits": f"{poisson_number(batch.rng, load * 0.9)}",
                }
                batch.add(f"afc_{day:%Y%m%d}.txt", fields)
    batch.plant("entries below nothing", "VALUE_OUT_OF_RANGE", 5, replace_field("entries", "-1"))
    batch.plant("exits in words", "VALUE_UNREADABLE", 4, replace_field("exits", "------"))
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 4, replace_field("region", "990188"))
    batch.plant("a time that is none", "TIME_UNREADABLE", 4, replace_field("end", "2575", "9999"))
    batch.contradict(4, replace_field("entries", "222"))
    batch.repeat(6)
    return batch


def write_gate_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one text a day, numbers to the right."""
    for name, records in batch.by_source().items():
        lines = ["".join((fields[key] or "").ljust(width) for key, width in _WIDTHS.items()) for fields in records]
        (folder / "files/transit" / name).write_text("\r\n".join(lines) + "\r\n", "ascii", newline="")
