"""Villages of the two towns by quarter: GeoJSON, a point a village, amounts in 万元."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.communities import STREETS, Street
from citylake.infra.city.domains.livelihood.past_months import quarter_ends
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

_KEY = ("cbm", "hs", "kdhs")
_NAMES = ("上湾", "下湾", "石桥", "竹园", "梅林", "樟树", "沙渡", "新塘", "南坡", "北坡", "东坞", "西坞")


@dataclass(frozen=True, slots=True)
class Village:
    """A village of a town."""

    code: str
    name: str
    street: Street
    households: int
    longitude_deg: float
    latitude_deg: float


def city_villages() -> list[Village]:
    """Twelve villages in each street that is a town."""
    return [
        _village(street, number, name)
        for street in STREETS
        if street.name.endswith("镇")
        for number, name in enumerate(_NAMES, 1)
    ]


def generate_villages(city: City) -> PlantedBatch:
    """Each village in each quarter: broadband spreads, and more is sold online."""
    batch = PlantedBatch("livelihood.villages", _KEY, city.random("villages"))
    for number, day in enumerate(quarter_ends(city)):
        for village in city_villages():
            share = min(0.98, batch.rng.uniform(0.55, 0.75) + 0.07 * number)
            batch.add(f"villages_{day:%Y%m%d}.geojson", _fields(batch.rng, village, share, number))
    _spoil(batch)
    return batch


def write_village_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one collection of features a quarter."""
    places = {village.name: village for village in city_villages()}
    for name, records in batch.by_source().items():
        features = [
            {"type": "Feature", "properties": fields, "geometry": _point(places[fields["cmc"] or ""])}
            for fields in records
        ]
        text = json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
        (folder / "files/livelihood" / name).write_text(text, encoding="utf-8")


def _village(street: Street, number: int, name: str) -> Village:
    rng, spot = Random(f"village/{street.code}/{number}"), street.district
    place = (spot.longitude_deg + rng.uniform(-0.06, 0.06), spot.latitude_deg + rng.uniform(-0.05, 0.05))
    return Village(f"{street.code}{200 + number}", f"{street.name}{name}村", street, rng.randint(140, 900), *place)


def _point(village: Village) -> dict[str, object]:
    return {"type": "Point", "coordinates": [round(village.longitude_deg, 6), round(village.latitude_deg, 6)]}


def _fields(rng: Random, village: Village, share: float, quarter: int) -> RecordFields:
    return {
        "cbm": village.code,
        "cmc": village.name,
        "zjdm": village.street.code,
        "hs": str(village.households),
        "kdhs": str(round(village.households * share)),
        "wllse_wy": f"{rng.uniform(2, 60) * (1 + 0.15 * quarter):.2f}",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("more broadband than households", "BROADBAND_ABOVE_HOUSEHOLDS", 3, _too_connected)
    batch.plant("a number in words", "VALUE_UNREADABLE", 2, replace_field("hs", "二百余户"))
    batch.plant("a negative amount", "VALUE_OUT_OF_RANGE", 2, replace_field("wllse_wy", "-3.5"))
    batch.plant("no code", "REQUIRED_MISSING", 2, replace_field("cbm", None))
    batch.contradict(2, replace_field("kdhs", "1"))
    batch.repeat(2)


def _too_connected(fields: RecordFields, rng: Random) -> None:
    fields["kdhs"] = str(int(fields["hs"] or 0) + rng.randint(1, 50))
