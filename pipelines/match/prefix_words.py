"""A name that is cut or contracted: ``sitenamead`` is site, name, address, and ``tpo`` tree, preservation, order."""

from __future__ import annotations

from collections.abc import Sequence


def contraction_score(text: str, words: Sequence[str]) -> float:
    """How well ``text`` is made of beginnings of ``words``, each in its order: 0 (it is not) to 1 (all, whole).

    A word in the middle may be left out, at a cost; the first may not. The score is the mean of the share of words that
    are there and of the share of letters.
    """
    if not text or not words or text[0] != words[0][0]:
        return 0.0
    letters = sum(map(len, words))
    taken = _most_words(text, 0, words, 0)
    return 0.0 if taken is None else (taken / len(words) + len(text) / letters) / 2


def _most_words(text: str, start: int, words: Sequence[str], first: int) -> int | None:
    """The most words whose beginnings make up ``text`` from ``start`` on; none if they cannot."""
    if start == len(text):
        return 0
    best: int | None = None
    for position in range(first, len(words) if first else 1):
        shared = _shared_start(text, start, words[position])
        for length in range(shared, 0, -1):
            rest = _most_words(text, start + length, words, position + 1)
            if rest is not None and (best is None or rest + 1 > best):
                best = rest + 1
    return best


def _shared_start(text: str, start: int, word: str) -> int:
    length = 0
    while start + length < len(text) and length < len(word) and text[start + length] == word[length]:
        length += 1
    return length
