"""The known words that are most similar to an unknown one."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping

_SIGNS = re.compile(r"[\W_]+")
LIKENESS = 0.65
"""Similarity (0 to 1) below which a word is not proposed: it would be noise."""
FEW_WORDS = 8
"""So many words are all proposed, the most similar first: they are everything that can be written."""
LISTED_WORDS = 24
"""So many words are all proposed if none of them is similar."""


def nearest_words(text: str, words: Iterable[str], n: int = 3, cutoff: float = LIKENESS) -> list[str]:
    """At most ``n`` similar ``words``; all of them if they are few, or if they are not many and none is similar.

    The most similar ones come first. Empty if none of many words has a similarity of at least ``cutoff`` (0 to 1).
    """
    known = {word: word for word in words}
    alike = nearest_keys(text, known, n, cutoff) if len(known) > FEW_WORDS else []
    return nearest_keys(text, known, len(known), 0.0) if not alike and len(known) <= LISTED_WORDS else alike


def nearest_keys(text: str, meanings: Mapping[str, str], n: int = 3, cutoff: float = LIKENESS) -> list[str]:
    """The similar ones if several words stand for one thing: ``meanings`` is word → thing; each thing once."""
    wanted = text.casefold()
    scores: dict[str, float] = {}
    matcher = difflib.SequenceMatcher(b=wanted, autojunk=False)
    for word, thing in meanings.items():
        score = _similarity(matcher, wanted, word.casefold(), max(cutoff, scores.get(thing, 0.0)))
        scores[thing] = max(score, scores.get(thing, 0.0))
    ranked = sorted((thing for thing in scores if scores[thing] >= cutoff), key=lambda thing: -scores[thing])
    return ranked[:n]


def normalize_word(word: str) -> str:
    """A word in lower case and half width, without spaces and punctuation; empty if it has nothing else."""
    return _SIGNS.sub("", unicodedata.normalize("NFKC", word).casefold())


def word_similarity(text: str, word: str) -> float:
    """The similarity of two words, from 0 to 1."""
    wanted = text.casefold()
    return _similarity(difflib.SequenceMatcher(b=wanted, autojunk=False), wanted, word.casefold(), 0.0)


def _similarity(matcher: difflib.SequenceMatcher[str], wanted: str, word: str, least: float) -> float:
    matcher.set_seq1(word)
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    # A name inside a longer one (speed in mean_speed) is more similar than its share of letters.
    inside = 0.75 if min(len(word), len(wanted)) > 1 and (wanted in word or word in wanted) else 0.0
    return max(matcher.ratio(), inside)
