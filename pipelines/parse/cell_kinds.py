"""What a cell of a text table seems to be: a number, a time, a mark for a missing value, or text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Literal

CellKind = Literal["missing", "number", "time", "text"]

_MISSING = re.compile(r"|[-.:*x/—–]|---?|\.\.\.?|n/?a|#n/a|nan|null|none|\\n", re.IGNORECASE)
_NUMBER = re.compile(r"[(<>~]?[-+−]?\s?[$€£¥￥]?\s?(\d[\d.,' \u00a0\u202f]*|[.,]\d+)([eE][-+]?\d+)?\s?[%‰€)]?")
_DATE = r"(\d{4}([-/.]\d{1,2}([-/.]\d{1,2})?|年\d{1,2}月(\d{1,2}日)?)|\d{1,2}([-/.])\d{1,2}\6\d{2,4}|\d{8})"
_MONTH_DATE = r"\d{1,2}[- .](\w{3,9})\.?[- .]\d{2,4}"
_CLOCK = r"\d{1,2}([:时h]\d{2}([:分]\d{2}秒?([.,]\d+)?)?|时)"
_ZONE = r"\s?(Z|UTC|[AaPp]\.?[Mm]\.?|[-+]\d{2}:?\d{2})?"
_TIME = re.compile(rf"({_DATE}|{_MONTH_DATE})([T ]\s?{_CLOCK}{_ZONE})?|{_CLOCK}{_ZONE}")


@lru_cache(maxsize=4096)
def cell_kind(text: str) -> CellKind:
    """The kind of one cell."""
    text = text.strip()
    if _MISSING.fullmatch(text):
        return "missing"
    if not any(char.isdigit() for char in text):
        return "text"
    if _TIME.fullmatch(text) and not _NUMBER.fullmatch(text):
        return "time"
    return "number" if _NUMBER.fullmatch(text) else "text"


def column_kind(cells: Sequence[str], share: float) -> CellKind:
    """``number`` or ``time`` if at least ``share`` of the cells with a value are, else ``text``."""
    kinds = [kind for kind in map(cell_kind, cells) if kind != "missing"]
    for kind in ("number", "time"):
        if kinds and kinds.count(kind) >= share * len(kinds):
            return kind
    return "text"


def cell_shape(text: str) -> str:
    """The text with ``9`` for every digit and ``a`` for every letter."""
    return "".join("9" if char.isdigit() else "a" if char.isalpha() else char for char in text.strip())


def is_sequence(cells: Sequence[str]) -> bool:
    """Whether the cells are years in order, or integers at equal steps, as the columns of a wide table are named."""
    numbers = [int(cell) for cell in cells if cell.strip().isdecimal()]
    if len(numbers) != len(cells) or not numbers:
        return False
    steps = {later - earlier for earlier, later in pairwise(numbers)}
    if all(1800 <= number <= 2100 for number in numbers):
        return min(steps, default=1) > 0 or max(steps) < 0
    return len(steps) == 1 and 0 not in steps and len(numbers) > 2
