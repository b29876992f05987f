"""The table of units beside this module: codes, what they are made of, and what people write for them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

from citylake.schemas.read.yaml_reader import read_yaml

_SAME = str.maketrans({"μ": "u", "⁻": "-", "−": "-", "·": ".", "^": "", "⋅": "."})


@dataclass(frozen=True, slots=True)
class UnitEntry:
    """One unit: ``base`` or ``of`` where others are built of it, neither where it only has a name and aliases."""

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
        """Whether the entry says itself what the unit is."""
        return self.base is not None or self.of is not None


def normalize_unit_text(text: str) -> str:
    """``text`` with one spelling for what print has many of: ``µg/m³``, ``㎍/㎥`` and ``μg/m^3`` are ``ug/m3``."""
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
    """What people write, tidied → code. Where two units claim a spelling, the first keeps it."""
    found: dict[str, str] = {}
    for entry in unit_entries().values():
        for text in (*entry.aliases, *entry.name.values()):
            found.setdefault(normalize_unit_text(text), entry.code)
    return found


@cache
def casefold_units() -> Mapping[str, str]:
    """Codes and aliases without regard to case, for text that nothing else explains."""
    known = {code: code for code in unit_entries()} | dict(unit_aliases())
    return {text.casefold(): code for text, code in reversed(known.items())}
