"""Compares the fields of a source with those of its contract: added, missing and essential ones."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from citylake.schemas.model.contract import Contract


@dataclass(frozen=True, slots=True)
class BoundField:
    """A source field bound by the contract. ``columns``: the standard columns built from it."""

    columns: tuple[str, ...]
    optional: bool = False
    required: bool = False
    """True if one of the columns must have a value in every row, or is part of the key or the partition."""
    words: tuple[str, ...] = ()
    """Other names of the field: the columns, and the element's names and synonyms."""


@dataclass(frozen=True, slots=True)
class ColumnDiff:
    """``added``: fields in the source that the contract does not know; ``missing``: bound fields not in the source."""

    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def compare_columns(needed: Mapping[str, BoundField], known: Collection[str], present: Sequence[str]) -> ColumnDiff:
    """Compare the fields of a source (``present``) with the bound ones (``needed``).

    ``known``: fields that are expected although nothing binds them, such as ignored ones. Optional fields that are
    absent are in ``missing`` too.
    """
    there = set(present)
    added = tuple(field for field in present if field not in needed and field not in known)
    return ColumnDiff(added, tuple(field for field in needed if field not in there))


def ignored_fields(patterns: Collection[str], present: Sequence[str]) -> set[str]:
    """The fields that the contract ignores; ``*`` in a pattern stands for any text."""
    exact = {pattern for pattern in patterns if "*" not in pattern}
    parts = [".*".join(map(re.escape, pattern.split("*"))) for pattern in patterns if "*" in pattern]
    any_of = re.compile("|".join(parts), re.DOTALL)
    return {field for field in present if field in exact or (parts and any_of.fullmatch(field))}


def essential_columns(contract: Contract) -> set[str]:
    """Return the standard columns that a row needs to be stored: key, partition, validity, and the tie-breaker."""
    write = contract.write
    event = write.partition.partition("(")[2].rstrip(")") if write.partition else None
    start = write.valid.start if write.valid else None
    return {name for name in (*write.key, event, write.effective, write.latest_by, start) if name}
