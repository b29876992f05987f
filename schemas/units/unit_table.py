"""The table of units in the YAML files of this folder: codes, definitions and aliases."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from citylake.schemas.base.yaml_reader import read_yaml

_SAME = str.maketrans({"μ": "u", "⁻": "-", "−": "-", "·": ".", "^": "", "⋅": "."})


@dataclass(frozen=True, slots=True)
class UnitEntry:
    """One unit: with ``base`` or ``of`` if others are built from it, else only with a name and aliases."""

    code: str
    name: Mapping[str, str]
    base: str | None = None
    of: str | None = None
    factor: Fraction = Fraction(1)
    offset: Fraction = Fraction(0)
    prefixes: bool = False
    suffix: str | None = None
    aliases: tuple[str, ...] = field(default=())

    @property
    def atomic(self) -> bool:
        """Whether the entry itself defines the unit."""
        return self.base is not None or self.of is not None


def normalize_unit_text(text: str) -> str:
    """``text`` in one spelling: ``µg/m³``, ``㎍/㎥`` and ``μg/m^3`` are ``ug/m3``."""
    return unicodedata.normalize("NFKC", text).translate(_SAME).strip()


@cache
def unit_entries() -> Mapping[str, UnitEntry]:
    """Every unit by its code."""
    found: dict[str, UnitEntry] = {}
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        for row in read_yaml(path):
            entry = _build_entry(row)
            found[entry.code] = entry
    return found


def _build_entry(row: dict[str, Any]) -> UnitEntry:
    exact: dict[str, Any] = {key: Fraction(str(row.pop(key))) for key in ("factor", "offset") if key in row}
    exact["aliases"] = tuple(str(alias) for alias in row.get("aliases", ()))
    return UnitEntry(**{**row, **exact})


@cache
def unit_aliases() -> Mapping[str, str]:
    """Alias in normalized spelling → code. If two units claim an alias, the first has it."""
    found: dict[str, str] = {}
    for entry in unit_entries().values():
        for text in (*entry.aliases, *entry.name.values()):
            found.setdefault(normalize_unit_text(text), entry.code)
    return found


@cache
def casefold_units() -> Mapping[str, str]:
    """Case-folded codes and aliases → code, for text that matches nothing else."""
    known = {code: code for code in unit_entries()} | dict(unit_aliases())
    return {text.casefold(): code for text, code in reversed(known.items())}
