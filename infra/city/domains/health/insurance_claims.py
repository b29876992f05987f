"""Settlements of the medical insurance by district and day: columns at fixed places, amounts in fen."""

from __future__ import annotations

from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.domains.health.epidemic import spread, watch_days
from citylake.infra.city.generate.plant_faults import PlantedBatch, replace_field

CLAIM_WIDTHS = {"JSRQ": 8, "XZQH": 6, "JSRC": 8, "JJZF": 14}
_FILE = "claims.txt"


def generate_claims(city: City) -> PlantedBatch:
    """Six districts and four weeks."""
    batch = PlantedBatch("health.insurance_claims", ("JSRQ", "XZQH", "JSRC"), city.random("claims"))
    for day in watch_days(city):
        for district in DISTRICTS:
            visits = round(1900 * district.bustle * (0.8 + 0.2 * spread(city, day)) * batch.rng.uniform(0.95, 1.05))
            paid_fen = round(visits * batch.rng.uniform(8200, 9600))
            batch.add(
                _FILE, {"JSRQ": f"{day:%Y%m%d}", "XZQH": district.code, "JSRC": str(visits), "JJZF": str(paid_fen)}
            )
    batch.plant("visits in words", "VALUE_UNREADABLE", 2, replace_field("JSRC", "------"))
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 2, replace_field("XZQH", "990199"))
    batch.plant("a day that is none", "TIME_UNREADABLE", 1, replace_field("JSRQ", "20260230"))
    batch.plant("no settlements, and an amount", "PAID_WITHOUT_SETTLEMENT", 2, replace_field("JSRC", "0"))
    batch.contradict(1, replace_field("JSRC", "77"))
    batch.repeat(2)
    return batch


def write_claims_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the one file; texts to the left, numbers to the right."""
    lines = (
        "".join(
            (fields[name] or "").rjust(width) if name[:2] in ("JS", "JJ") else (fields[name] or "").ljust(width)
            for name, width in CLAIM_WIDTHS.items()
        )
        for fields in batch.of(_FILE)
    )
    (folder / "files/health" / _FILE).write_text("\n".join(lines) + "\n", encoding="ascii")
