"""The order of grades, of openness and of what is personal, and the comparison of two sensitivities."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, NamedTuple

from citylake.schemas.model.element import Sensitivity

GRADES: Final = ("L1", "L2", "L3", "L4", "important", "core")
OPENNESS: Final = ("open", "conditional", "none")
PERSONAL: Final = ("none", "ordinary", "sensitive")


class SensitivityLevel(NamedTuple):
    """A sensitivity as three ranks, each from 0, the least sensitive."""

    grade: int = 0
    openness: int = 0
    personal: int = 0

    def exceeds(self, highest: SensitivityLevel) -> bool:
        """Whether one of the three is above that of ``highest``."""
        return any(own > limit for own, limit in zip(self, highest, strict=True))

    def __str__(self) -> str:
        """``L3, conditional, ordinary``."""
        return f"{GRADES[self.grade]}, {OPENNESS[self.openness]}, {PERSONAL[self.personal]}"


def sensitivity_level(sensitivity: Sensitivity) -> SensitivityLevel:
    """Return the ranks of ``sensitivity``."""
    return SensitivityLevel(
        GRADES.index(sensitivity.grade),
        OPENNESS.index(sensitivity.openness),
        PERSONAL.index(sensitivity.personal),
    )


def highest_level(levels: Iterable[SensitivityLevel]) -> SensitivityLevel:
    """Return the highest of each rank; the lowest level for none."""
    found = list(levels)
    return SensitivityLevel(*(max(each) for each in zip(*found, strict=True))) if found else SensitivityLevel()
