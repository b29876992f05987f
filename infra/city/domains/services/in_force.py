"""What a register says at a time, by its good records: a refused one changes nothing, a missing one ends."""

from __future__ import annotations

from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields


def in_force(batch: PlantedBatch, key: str) -> dict[str, dict[str, RecordFields]]:
    """By snapshot (the name of its file, in order): the records in force by ``key``."""
    found: dict[str, dict[str, RecordFields]] = {}
    before: dict[str, RecordFields] = {}
    for source in sorted({record.source for record in batch.records}):
        listed = [record for record in batch.records if record.source == source]
        good = {record.fields[key] or "": record.fields for record in listed if record.good}
        named = {record.fields[key] or "" for record in listed}
        before = {name: good.get(name) or before[name] for name in named if name in good or name in before}
        found[source] = before
    return found
