"""The pairs of a field and its right answer that matching is measured with."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

from benchmarks.match.councils import read_councils

CHINESE = Path(__file__).with_name("chinese_pairs.yaml")


@dataclass(frozen=True, slots=True)
class ChinesePair:
    """A field's name, some of its values, and the element that it is."""

    kind: str
    name: str
    element: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CouncilColumn:
    """A council's column, the registry's fields that it may be, and those that people chose (mostly one)."""

    column: str
    dataset: str
    fields: frozenset[str]
    candidates: tuple[str, ...]


@cache
def chinese_pairs() -> tuple[ChinesePair, ...]:
    """All pairs of ``chinese_pairs.yaml``."""
    rows = yaml.safe_load(CHINESE.read_text("utf-8"))
    return tuple(ChinesePair(row["kind"], row["name"], row["element"], tuple(row["values"])) for row in rows)


def council_columns(data: Path) -> list[CouncilColumn]:
    """The columns of ``digital_land`` with an answer among the dataset's own fields (593)."""
    councils = read_councils(data / "digital_land")
    return [
        CouncilColumn(each.column, each.dataset, each.answers, councils.fields[each.dataset])
        for each in councils.questions
    ]
