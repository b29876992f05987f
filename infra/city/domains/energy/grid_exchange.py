"""Tie lines: the provincial dispatch's text of fixed columns; hours by their END as numbers 1 to 24, import in MW."""

from __future__ import annotations

from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.energy.true_power import TIE_LINES, energy_hours, exchange_mw
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_KEY = ("line", "day", "hour")
_WIDTHS = {"line": 8, "day": 9, "hour": 3, "mw": 10, "state": 6}


def generate_exchange(city: City) -> PlantedBatch:
    """The mean power that comes in over each line by the hour."""
    batch = PlantedBatch("energy.grid_exchange", _KEY, city.random("exchange"))
    for hour in energy_hours(city):
        for line, share in TIE_LINES:
            power = share * exchange_mw(city, hour) * batch.rng.uniform(0.997, 1.003)
            fields: RecordFields = {
                "line": line,
                "day": f"{city.at(hour):%Y%m%d}",
                "hour": f"{hour % 24 + 1:02d}",
                "mw": f"{power:.3f}",
                "state": "RUN",
            }
            batch.add(f"tie_{city.at(hour):%Y%m}.txt", fields)
    _spoil(batch)
    return batch


def write_exchange_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a month; an empty field is blanks."""
    for name, records in batch.by_source().items():
        lines = [
            "".join((fields[column] or "").ljust(width) for column, width in _WIDTHS.items()) for fields in records
        ]
        (folder / "files/energy" / name).write_text("\n".join(lines) + "\n", encoding="ascii")


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a power that is none", "VALUE_UNREADABLE", 2, replace_field("mw", "*****"))
    batch.plant("an hour that is none", "TIME_UNREADABLE", 2, replace_field("hour", "27"))
    batch.plant("no line", "REQUIRED_MISSING", 1, replace_field("line", None))
    batch.contradict(1, replace_field("mw", "0.001"))
    batch.repeat(2)
