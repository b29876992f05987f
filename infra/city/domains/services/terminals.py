"""The register of self-service terminals, a JSON document a month: a thousand of one purpose become 400 of many."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS
from citylake.infra.city.generate.enterprises import snapshot_days
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field, unchanged_rows

SINGLE_TERMINALS, INTEGRATED_TERMINALS = 1000, 400
_PURPOSES = ("tax", "insurance", "register", "transport", "housing")


def generate_terminals(city: City) -> PlantedBatch:
    """On the first snapshot the terminals of five offices, later the integrated ones."""
    batch = PlantedBatch("government.terminals", ("terminalId", "district"), city.random("terminals"))
    for number, day in enumerate(snapshot_days(city)):
        count = INTEGRATED_TERMINALS if number else SINGLE_TERMINALS
        for place in range(1, count + 1):
            # A machine is what it is, whatever month it is listed in.
            rng = city.random(f"terminal/{number > 0}/{place}")
            batch.add(terminal_file(day), _fields(rng, place, integrated=number > 0))
    _spoil(batch)
    batch.unchanged = unchanged_rows(batch)
    return batch


def terminal_file(day: date) -> str:
    """The name of the register of ``day``."""
    return f"terminals_{day:%Y%m%d}.json"


def write_terminal_files(batch: PlantedBatch, folder: Path) -> None:
    """Write one document per snapshot."""
    for name, records in batch.by_source().items():
        document = {"terminals": records}
        (folder / "files/services" / name).write_text(json.dumps(document, ensure_ascii=False, indent=0), "utf-8")


def _fields(rng: Random, number: int, *, integrated: bool) -> RecordFields:
    district = rng.choices(DISTRICTS, [place.bustle for place in DISTRICTS])[0]
    purpose = rng.choice(_PURPOSES)
    return {
        "terminalId": f"ZH-{number:04d}" if integrated else f"{purpose[:2].upper()}-{number:04d}",
        "kind": "integrated" if integrated else "single",
        "district": district.short,
        "items": str(rng.randint(90, 180) if integrated else rng.randint(3, 18)),
        "state": "online" if rng.random() < 0.97 else "repair",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 6, replace_field("district", "外市", "老城"))
    batch.plant("a kind that no list has", "CODE_UNKNOWN", 3, replace_field("kind", "kiosk"))
    batch.plant("items in words", "VALUE_UNREADABLE", 4, replace_field("items", "many", "?"))
    batch.plant("an integrated terminal with hardly an item", "TERMINAL_WITHOUT_ITEMS", 3, _bare)
    batch.contradict(4, replace_field("items", "77"))
    batch.repeat(5)


def _bare(fields: RecordFields, _: Random) -> None:
    fields["kind"], fields["items"] = "integrated", "1"
