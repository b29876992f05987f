"""Letters without a sign between words, cut at known words: ``firstaddeddate`` is first, added, date."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field

_SHORTEST, _CUT_LETTERS = 5, 2
_WORD, _SHORT_WORD, _CUT = 1.0, 1.7, 1.6
"""Costs of a known word, of one of two letters, and of a last word of which only the beginning is there."""
_PIECE_LETTERS = 2.4
"""Letters that a piece must have in the mean: shorter ones are found in anything."""


@dataclass(slots=True)
class WordList:
    """Words, in order as well; a vocabulary that the splitters of many tables share."""

    words: frozenset[str]
    _sorted: list[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._sorted = sorted(self.words)

    def has_beginning(self, piece: str) -> bool:
        """Whether a word begins with ``piece``."""
        position = bisect_left(self._sorted, piece)
        return position < len(self._sorted) and self._sorted[position].startswith(piece)


@dataclass(slots=True)
class LetterSplitter:
    """Cuts runs of letters into words of a vocabulary, and of a few ``added`` to it.

    A run that is no sequence of them stays whole.
    """

    vocabulary: WordList
    added: frozenset[str]
    _known: dict[str, list[str]] = field(init=False, repr=False, default_factory=dict)

    def split(self, run: str) -> Sequence[str]:
        """The words of ``run``; itself if it is short, known, or not made of known words."""
        if len(run) < _SHORTEST or self._is_word(run):
            return (run,)
        if run not in self._known:
            self._known[run] = self._cut(run)
        return self._known[run]

    def _cut(self, run: str) -> list[str]:
        best: list[tuple[float, list[str]] | None] = [(0.0, []), *([None] * len(run))]
        for end in range(1, len(run) + 1):
            for start in range(end):
                before, cost = best[start], self._cost(run, start, end)
                if before is None or cost is None:
                    continue
                if best[end] is None or before[0] + cost < best[end][0]:  # type: ignore[index]
                    best[end] = (before[0] + cost, [*before[1], run[start:end]])
        found = best[-1]
        fine = found is not None and len(run) / len(found[1]) >= _PIECE_LETTERS and len(found[1]) > 1
        return found[1] if fine and found else [run]

    def _cost(self, run: str, start: int, end: int) -> float | None:
        piece = run[start:end]
        if len(piece) > 1 and self._is_word(piece):
            return _SHORT_WORD if len(piece) == 2 else _WORD
        if end == len(run) and start and len(piece) >= _CUT_LETTERS and self._is_beginning(piece):
            return _CUT
        return None

    def _is_word(self, piece: str) -> bool:
        return piece in self.vocabulary.words or piece in self.added

    def _is_beginning(self, piece: str) -> bool:
        return self.vocabulary.has_beginning(piece) or any(word.startswith(piece) for word in self.added)
