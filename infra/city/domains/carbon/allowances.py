"""The register of allowances: one JSON document, amounts in tonnes or in ten thousand tonnes."""

from __future__ import annotations

import json
from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.carbon.energy_use import consumers
from citylake.infra.city.generate.nested_json import nest_fields
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.infra.city.generate.uscc import spoil_check_digit

YEARS = ("2024", "2025")
_FILE = "allowances.json"


def granted_t(city: City) -> dict[str, int]:
    """By enterprise, what it was granted for each year."""
    rng = city.random("carbon.granted")
    return {firm.uscc: rng.choice((4_000, 6_500, 9_000, 14_000)) for firm in consumers(city)}


def generate_allowances(city: City) -> PlantedBatch:
    """A record for each enterprise and year."""
    batch = PlantedBatch("carbon.allowances", ("account.uscc", "year"), city.random("carbon.allowances"))
    granted = granted_t(city)
    for year in YEARS:
        for firm in consumers(city):
            batch.add(_FILE, _fields(firm.uscc, firm.name, year, granted[firm.uscc]))
    batch.smudge(15, _in_ten_thousands)
    batch.plant("a wrong check digit", "CHECK_DIGIT_WRONG", 2, _wrong_check_digit)
    batch.plant("a negative amount", "VALUE_OUT_OF_RANGE", 1, replace_field("quota.amount", "-1"))
    batch.plant("a year that is none", "PATTERN_MISMATCH", 1, replace_field("year", "FY26"))
    batch.contradict(2, replace_field("quota.amount", "77"))
    batch.repeat(2)
    return batch


def write_allowances_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the document."""
    entries = [nest_fields(fields) for fields in batch.of(_FILE)]
    text = json.dumps({"register": {"entries": entries}}, ensure_ascii=False, indent=0)
    (folder / "files/carbon" / _FILE).write_text(text, encoding="utf-8")


def _fields(uscc: str, name: str, year: str, tonnes: int) -> RecordFields:
    return {
        "account.uscc": uscc,
        "account.name": name,
        "year": year,
        "quota.amount": f"{tonnes}",
        "quota.unit": "t",
    }


def _in_ten_thousands(fields: RecordFields, _: object) -> None:
    fields["quota.amount"], fields["quota.unit"] = f"{int(fields['quota.amount'] or 0) / 10_000:.2f}", "wt"


def _wrong_check_digit(fields: RecordFields, _: object) -> None:
    fields["account.uscc"] = spoil_check_digit(fields["account.uscc"] or "")
