"""The register of divisions: nested JSON with pinyin members, days of validity, and lists of successors."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.divisions.division_history import Division, divisions
from citylake.infra.city.generate.nested_json import nest_fields
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

REGISTER_FILE = "区划登记簿.json"
_FAULTS = (
    ("a code with letters", "PATTERN_MISMATCH", "qh.dm", "99010690O00l", 3),
    ("no name", "REQUIRED_MISSING", "qh.mc", None, 3),
    ("a level that no list has", "CODE_UNKNOWN", "qh.jb", "功能区", 3),
    ("it ended before it began", "DIVISION_ENDED_EARLY", "yx.z", "2019-05-01", 3),
    ("a day that is none", "TIME_UNREADABLE", "yx.q", "2026-02-30", 2),
)
"""What is wrong, the issue, the field and its value, and in how many entries."""
_LEVELS = {"2": "市", "3": "区", "4": "街道", "5": "社区"}


def generate_register(city: City) -> PlantedBatch:
    """Every division that is or was, and entries that are none: the faults are in these, and hide no division."""
    batch = PlantedBatch("place.subdivisions", ("qh.dm", "qh.mc"), city.random("divisions"))
    for division in divisions(city):
        batch.add(REGISTER_FILE, _fields(division))
    batch.contradict(2, replace_field("qh.mc", "待更名社区"))
    batch.repeat(3)
    faults = [(kind, issue, name, value) for kind, issue, name, value, count in _FAULTS for _ in range(count)]
    for number, (kind, issue, name, value) in enumerate(faults, 1):
        stray = Division(f"990106900{number:03d}", f"在建{number}社区", "5", "990106900", city.start)
        record = batch.add(REGISTER_FILE, {**_fields(stray), name: value})
        batch.note(kind, issue, record)
    return batch


def write_register_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the entries as one document."""
    document = {"djb": "澜海市区划登记簿", "tm": [_entry(fields) for fields in batch.of(REGISTER_FILE)]}
    text = json.dumps(document, ensure_ascii=False, indent=0)
    (folder / "files/divisions" / REGISTER_FILE).write_text(text, encoding="utf-8")


def _fields(division: Division) -> RecordFields:
    return {
        "qh.dm": division.code,
        "qh.mc": division.name,
        "qh.jb": _LEVELS[division.level],
        "sj": division.parent or None,
        "yx.q": division.valid_from.isoformat(),
        "yx.z": division.valid_to.isoformat() if division.valid_to else None,
        "hj": ";".join(division.successors) or None,
    }


def _entry(fields: RecordFields) -> dict[str, Any]:
    successors = fields["hj"].split(";") if fields["hj"] else []
    return {**nest_fields({name: value for name, value in fields.items() if name != "hj"}), "hj": successors}
