"""Plant faults in clean records, and record each of them."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

from citylake.infra.city.generate.spelling import WrittenName

_FULL_WIDTH = {ord("0") + n: chr(ord("０") + n) for n in range(10)} | {ord("."): "．"}

RecordFields = dict[str, str | None]
FieldChange = Callable[[RecordFields, Random], None]


@dataclass(slots=True, eq=False)
class CityRecord:
    """One record as its department sends it, and the file that it is in (empty for an API).

    ``spoiled``: it already has a fault or a duplicate, and gets no other. ``good``: it must reach the standard table.
    """

    source: str
    fields: RecordFields
    spoiled: bool = False
    good: bool = True


@dataclass(frozen=True, slots=True)
class PlantedFault:
    """One planted fault: what was changed, the issues that must report it, and the record's key after the change."""

    kind: str
    issues: tuple[str, ...]
    source: str
    where: RecordFields


@dataclass(slots=True)
class PlantedBatch:
    """A dataset's records and what was planted in them."""

    dataset: str
    key: tuple[str, ...]
    rng: Random
    records: list[CityRecord] = field(default_factory=list)
    faults: list[PlantedFault] = field(default_factory=list)
    duplicates: list[PlantedFault] = field(default_factory=list)
    warnings: Counter[str] = field(default_factory=Counter)
    superseded: int = 0
    unchanged: int = 0
    who: dict[str, WrittenName] = field(default_factory=dict)
    """By record number: the enterprise that a record truly names."""

    def add(self, source: str, fields: RecordFields) -> CityRecord:
        """Add a clean record."""
        record = CityRecord(source, fields)
        self.records.append(record)
        return record

    def plant(self, kind: str, issues: str, count: int, change: FieldChange) -> None:
        """Plant a fault in ``count`` records; ``issues`` are the expected issue codes, separated by spaces."""
        for record in self._pick(count):
            change(record.fields, self.rng)
            self.note(kind, issues, record)

    def note(self, kind: str, issues: str, record: CityRecord) -> None:
        """Record that ``record``, generated with a fault, must be reported with ``issues``."""
        record.spoiled, record.good = True, False
        self.faults.append(self._fault(kind, issues, record))

    def warn(self, issue: str, count: int, change: FieldChange) -> None:
        """Change ``count`` records so that each is accepted with a warning."""
        for record in self._pick(count):
            change(record.fields, self.rng)
            self.warnings[issue] += 1

    def smudge(self, count: int, change: FieldChange) -> None:
        """Change ``count`` records in a way that citylake must understand, without any fault."""
        for record in self._pick(count, keep=True):
            change(record.fields, self.rng)

    def contradict(self, count: int, change: FieldChange) -> None:
        """Send ``count`` records a second time, later, with the same key and another value."""
        for record in self._pick(count):
            again = self._insert_after(record, dict(record.fields))
            change(again.fields, self.rng)
            self.faults.append(self._fault("same key, another value", "KEY_DUPLICATE", again))

    def repeat(self, count: int) -> None:
        """Send ``count`` records a second time, exactly as they are."""
        for record in self._pick(count):
            again = self._insert_after(record, dict(record.fields))
            self.duplicates.append(self._fault("sent twice", "", again))

    def of(self, source: str) -> list[RecordFields]:
        """The records of one file, in order."""
        return [record.fields for record in self.records if record.source == source]

    def by_source(self) -> dict[str, list[RecordFields]]:
        """The records by file, in order."""
        found: dict[str, list[RecordFields]] = {}
        for record in self.records:
            found.setdefault(record.source, []).append(record.fields)
        return found

    def truth(self) -> dict[str, Any]:
        """The expected result: counts, rows by issue, and each fault by the key of its record."""
        issues = Counter(code for fault in self.faults for code in fault.issues) + self.warnings
        return {
            "rows": len(self.records),
            "standard": len(self.records) - len(self.faults) - len(self.duplicates),
            "quarantined": len(self.faults),
            "duplicates": len(self.duplicates),
            "superseded": self.superseded,
            "unchanged": self.unchanged,
            "issues": dict(sorted(issues.items())),
            "faults": [_as_json(fault) for fault in self.faults],
            "repeated": [_as_json(fault) for fault in self.duplicates],
        }

    def _pick(self, count: int, *, keep: bool = False) -> Iterable[CityRecord]:
        clean = [record for record in self.records if not record.spoiled]
        picked = self.rng.sample(clean, min(count, len(clean) // 4))
        for record in picked:
            record.spoiled = not keep
        return picked

    def _insert_after(self, record: CityRecord, fields: RecordFields) -> CityRecord:
        again = CityRecord(record.source, fields, spoiled=True, good=False)
        first = self.records.index(record)
        last = max(n for n in range(first, len(self.records)) if self.records[n].source == record.source)
        self.records.insert(self.rng.randint(first, last) + 1, again)
        return again

    def _fault(self, kind: str, issues: str, record: CityRecord) -> PlantedFault:
        return PlantedFault(
            kind, tuple(issues.split()), record.source, {name: record.fields[name] for name in self.key}
        )


def unchanged_rows(batch: PlantedBatch) -> int:
    """The number of good rows that equal a good row of the snapshot before."""
    snapshots: dict[str, set[tuple[str | None, ...]]] = {}
    for record in batch.records:
        if record.good:
            snapshots.setdefault(record.source, set()).add(tuple(record.fields.values()))
    return sum(len(before & after) for before, after in pairwise(snapshots.values()))


def replace_field(name: str, *values: str | None) -> FieldChange:
    """A change that puts one of ``values`` into field ``name``."""

    def change(fields: RecordFields, rng: Random) -> None:
        fields[name] = rng.choice(values)

    return change


def widen_digits(name: str) -> FieldChange:
    """A change that writes field ``name`` in full-width digits, as some input methods do."""

    def change(fields: RecordFields, _: Random) -> None:
        fields[name] = (fields[name] or "").translate(_FULL_WIDTH)

    return change


def poisson_number(rng: Random, mean: float) -> int:
    """A Poisson number (Knuth's method; ``mean`` is small here)."""
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count += 1
        product *= rng.random()
    return count


def _as_json(fault: PlantedFault) -> dict[str, Any]:
    return {"kind": fault.kind, "issues": fault.issues, "source": fault.source, "where": fault.where}
