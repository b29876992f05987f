"""The words of field names in a table with a title, and which of them only repeat the title."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from citylake.pipelines.match.name_words import name_parts, name_words
from citylake.pipelines.match.prefix_words import contraction_score
from citylake.pipelines.match.split_letters import LetterSplitter, WordList
from citylake.pipelines.match.term_table import term_words
from citylake.pipelines.match.word_groups import PHRASE_SIGN, general_words

_OF_TITLE, _BEGINNING = 0.35, 3
"""How well a word must be made of beginnings of the title's words, and the fewest letters of a beginning."""


@dataclass(slots=True)
class TitleNames:
    """Names in a table with a title; ``vocabulary`` has the words at which letters are cut."""

    vocabulary: WordList
    title: str
    words: frozenset[str] = field(init=False)
    """The words of the title."""
    _parts: tuple[str, ...] = field(init=False)
    _splitter: LetterSplitter = field(init=False)

    def __post_init__(self) -> None:
        self._parts = name_words(self.title)
        self.words = frozenset(term_words(self.title)) | frozenset(self._parts)
        self._splitter = LetterSplitter(self.vocabulary, _short_titles(self._parts))

    def weighed_words(self, name: str) -> list[tuple[str, float]]:
        """The words of a field's name, letters cut at known words, each with the share of its part of the name."""
        found: list[tuple[str, float]] = []
        for text, share in name_parts(name):
            parts = [piece for word in name_words(text) for piece in self._splitter.split(word)]
            found += [(word, share) for word in general_words().merge_phrases(parts)]
        return found

    def bare_name(self, name: str) -> str:
        """The words of a name that are not of the title."""
        return PHRASE_SIGN.join(word for word, _ in self.weighed_words(name) if not self.is_of_title(word))

    def is_of_title(self, word: str) -> bool:
        """Whether a word is of the title: equal, its initials, or made of the beginnings of its words."""
        if word in self.words:
            return True
        if not self._parts or word in general_words().groups or not word.isascii() or len(word) < 2:
            return False
        good = len(self._parts) > 1 or len(word) > _BEGINNING
        return good and contraction_score(word, self._parts) >= _OF_TITLE


def _short_titles(parts: Sequence[str]) -> frozenset[str]:
    """What names in a table put for its title: its initials, and beginnings of its words."""
    latin = [part for part in parts if part.isascii() and part.isalpha()]
    initials = {"".join(part[0] for part in latin)} if len(latin) > 1 else set()
    return frozenset(initials | {part[:end] for part in latin for end in range(_BEGINNING, len(part) + 1)})
