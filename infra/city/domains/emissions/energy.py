"""Electricity of production and of treatment, by outlet and hour: fixed columns, hours named by their end."""

from __future__ import annotations

from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.emissions.outlets import city_outlets
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_FILE = "fenbiao.dat"
_PRODUCTION, _TREATMENT = "SC", "ZW"


def generate_energy(city: City) -> PlantedBatch:
    """Two records for each monitored outlet and hour; in some hours the treatment is off while production runs."""
    batch = PlantedBatch("emissions.outlet_energy", ("outlet", "day", "hour", "role"), city.random("emissions.energy"))
    for outlet in (each for each in city_outlets(city) if each.device_no):
        first = batch.rng.randrange(city.hours - 8)
        for hour in range(city.hours):
            production = batch.rng.uniform(260, 420)
            treatment = 0.0 if first <= hour < first + 5 else production * batch.rng.uniform(0.08, 0.14)
            for role, used in ((_PRODUCTION, production), (_TREATMENT, treatment)):
                batch.add(_FILE, _fields(city, outlet.code, hour, role, used))
    batch.plant("a negative amount", "VALUE_OUT_OF_RANGE", 4, replace_field("kwh", "-7.0"))
    batch.plant("no amount", "REQUIRED_MISSING", 4, replace_field("kwh", None))
    batch.plant("a facility that no list has", "CODE_UNKNOWN", 3, replace_field("role", "XX"))
    batch.contradict(3, replace_field("kwh", "999.9"))
    batch.repeat(5)
    return batch


def write_energy_file(batch: PlantedBatch, folder: Path) -> None:
    """Write one line a record."""
    lines = [
        f"{_padded(each, 'outlet', 10)} {_padded(each, 'day', 8)}{_padded(each, 'hour', 2)} "
        f"{_padded(each, 'role', 2)} {each['kwh'] or '':>9}\n"
        for each in batch.of(_FILE)
    ]
    (folder / "files/emissions" / _FILE).write_text("".join(lines), encoding="ascii")


def _fields(city: City, outlet: str, hour: int, role: str, used: float) -> RecordFields:
    begin = city.at(hour)
    return {
        "outlet": outlet,
        "day": f"{begin:%Y%m%d}",
        "hour": f"{begin.hour + 1:02d}",
        "role": role,
        "kwh": f"{used:.1f}",
    }


def _padded(fields: RecordFields, name: str, width: int) -> str:
    return f"{fields[name] or '':<{width}}"
