"""The canonical form of a 表示格式 (representation format), independent of the notation."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

ValueKind = Literal["text", "number", "date", "datetime", "time", "boolean", "binary"]
CharacterClass = Literal["a", "n", "an"]
NotationDialect = Literal["A", "B", "C", "D"]


@dataclass(frozen=True, slots=True)
class ValueFormat:
    """Kind, character class and bounds of a value's text.

    ``characters`` is a class of characters, never a type: ``n1`` can be a code (GB/T 39046). Class ``a`` means any
    printable text, because standards use it for Chinese; none means unspecified. Lengths count characters of a
    text and digits of a number (without sign and point); ``max_length`` none: undetermined. ``scale`` is the number of
    digits after the point. ``picture`` is the layout of a date or time (``YYYYMMDD``), of a text (``aannn``), or the
    medium of a binary (``JPEG``).
    """

    kind: ValueKind
    characters: CharacterClass | None = None
    min_length: int = 0
    max_length: int | None = None
    scale: int | None = None
    picture: str | None = None

    @property
    def digits(self) -> int | None:
        """The most digits that a number may have, before and after the point together."""
        return self.max_length if self.kind == "number" or self.characters == "n" else None

    @property
    def fixed(self) -> bool:
        """Whether exactly one length is allowed."""
        return self.max_length is not None and self.min_length == self.max_length

    def as_json(self) -> dict[str, Any]:
        """The parts by name, ready for JSON."""
        return asdict(self) | {"digits": self.digits}
