"""``/* citylake: allow UNIT because … */``: findings in a SELECT that its author has judged, with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

_WORDS: Final = r"citylake:\s*allow\s+(?P<word>[A-Z_]+)(?:\s+because\b(?P<why>.*?))?\s*"
_WRITTEN: Final = (
    re.compile(rf"/\*\s*{_WORDS}\*/", re.DOTALL),
    re.compile(rf"--[ \t]*{_WORDS}$".replace(r"\s", r"[ \t]"), re.MULTILINE),
)
_EMPTY: Final = re.compile(r"\s*(?:--.*|/\*.*?\*/\s*)?$")


@dataclass(frozen=True, slots=True)
class Allowance:
    """``word``: what is allowed; ``why``: the reason, empty if none is given; it covers the line of ``covered``."""

    word: str
    why: str
    line: int
    covered: frozenset[int]

    def covers(self, word: str, line: int) -> bool:
        """Whether a finding of ``word`` in ``line`` is allowed: with a reason, in the comment's or the next line."""
        return self.word == word and bool(self.why) and line in self.covered


def read_allowances(sql: str) -> Iterator[Allowance]:
    """Yield the allowances written in ``sql``."""
    lines = sql.splitlines()
    for found in (each for written in _WRITTEN for each in written.finditer(sql)):
        first = sql.count("\n", 0, found.start()) + 1
        last = sql.count("\n", 0, found.end()) + 1
        why = " ".join((found["why"] or "").split())
        yield Allowance(found["word"], why, first, frozenset({*range(first, last + 1), _next_line(lines, last)}))


def _next_line(lines: list[str], after: int) -> int:
    """The next line that holds more than a comment."""
    return next((number for number in range(after + 1, len(lines) + 1) if not _EMPTY.match(lines[number - 1])), after)
