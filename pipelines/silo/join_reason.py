"""A reason for a grade: a code with its values, and its text in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from citylake.schemas.words.message_catalogue import translate_key

Weight = Literal["good", "note", "loss", "fault"]
"""``loss``: rows are lost or multiplied; ``fault``: values of the two sides do not mean the same."""


@dataclass(frozen=True, slots=True)
class JoinReason:
    """``code`` is the key of a message ``join.reason_CODE``, and ``values`` fill it in."""

    code: str
    weight: Weight
    values: Mapping[str, Any] = field(default_factory=dict)

    def text(self, language: str) -> str:
        """Return the reason as a sentence."""
        return translate_key(f"join.reason_{self.code}", language, **self.values)

    def document(self) -> dict[str, Any]:
        """Return the reason ready for JSON, with its text in both languages."""
        text = {language: self.text(language) for language in ("zh", "en")}
        return {"code": self.code, "weight": self.weight, "values": dict(self.values), "text": text}


def say_count(count: float) -> str:
    """Return a number of rows with separators."""
    return f"{count:,.0f}"


def say_share(share: float) -> str:
    """Return a share as percent, to two decimals; a share below 1 never reads 100 %, nor one above 0 as 0 %."""
    if 0.9999 <= share < 1:
        return "> 99.99 %"
    return "< 0.01 %" if 0 < share < 0.0001 else f"{share:.2%}".replace("%", " %").replace(".00 ", " ")
