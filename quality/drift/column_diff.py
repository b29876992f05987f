"""The fields of a source beside those of its contract: what came, what is gone, and what may not be gone."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from citylake.schemas.model.contract import Contract


@dataclass(frozen=True, slots=True)
class BoundField:
    """A source field that the contract binds: the standard columns made from it, and whether it may be absent."""

    columns: tuple[str, ...]
    optional: bool = False
    required: bool = False
    """Whether one of the columns must have a value in every row, or the key or the partition is made from it."""
    words: tuple[str, ...] = ()
    """What else people call it: the column, and the element's names and synonyms."""


@dataclass(frozen=True, slots=True)
class ColumnDiff:
    """``added``: neither bound, nor ignored, nor of the file's name; ``missing``: bound and not there."""

    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def compare_columns(needed: Mapping[str, BoundField], known: Collection[str], present: Sequence[str]) -> ColumnDiff:
    """What differs; ``known``: fields that are no news though nothing binds them. Optional ones count as missing."""
    there = set(present)
    added = tuple(field for field in present if field not in needed and field not in known)
    return ColumnDiff(added, tuple(field for field in needed if field not in there))


def essential_columns(contract: Contract) -> set[str]:
    """Standard columns without which a row cannot be placed: key, partition, validity, and what decides who wins."""
    write = contract.write
    event = write.partition.partition("(")[2].rstrip(")") if write.partition else None
    start = write.valid.start if write.valid else None
    return {name for name in (*write.key, event, write.effective, write.latest_by, start) if name}
