"""The general words of ``general_words.yaml``: which words mean nearly the same, and which kind of values they name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from citylake.pipelines.match.name_words import name_words, singular
from citylake.schemas.base.yaml_reader import read_yaml

_PATH = Path(__file__).with_name("general_words.yaml")
PHRASE_SIGN = " "
"""Joins the parts of a phrase in one word."""


@dataclass(frozen=True, slots=True)
class WordGroups:
    """Words (singular; phrases joined by a space) → ids of the groups that they belong to."""

    groups: Mapping[str, frozenset[str]]
    near: Mapping[str, frozenset[str]]
    kinds: Mapping[str, str]
    longest: int
    """The parts of the longest phrase."""

    def merge_phrases(self, words: Sequence[str]) -> list[str]:
        """``words`` with the longest phrases of the list as one word each, from the left."""
        merged: list[str] = []
        position = 0
        while position < len(words):
            lengths = range(min(self.longest, len(words) - position), 1, -1)
            length = next((n for n in lengths if self._phrase(words, position, n)), 1)
            merged.append(self._phrase(words, position, length) if length > 1 else singular(words[position]))
            position += length
        return merged

    def _phrase(self, words: Sequence[str], start: int, length: int) -> str:
        phrase = PHRASE_SIGN.join(singular(word) for word in words[start : start + length])
        return phrase if phrase in self.groups else ""


@lru_cache(maxsize=1)
def general_words() -> WordGroups:
    """The list of the package."""
    return read_word_groups(read_yaml(_PATH))


def read_word_groups(entries: Sequence[Mapping[str, object]]) -> WordGroups:
    """Groups from a document in the form of ``general_words.yaml``."""
    groups: dict[str, set[str]] = {}
    for entry in entries:
        words = entry["words"]
        assert isinstance(words, list)
        for word in words:
            parts = [singular(part) for part in name_words(str(word))]
            groups.setdefault(PHRASE_SIGN.join(parts), set()).add(str(entry["id"]))
    kinds = {str(each["id"]): str(each["kind"]) for each in entries if "kind" in each}
    near = {str(each["id"]): frozenset(map(str, each.get("near", ()))) for each in entries}  # type: ignore[call-overload]
    longest = max(word.count(PHRASE_SIGN) + 1 for word in groups)
    return WordGroups({word: frozenset(ids) for word, ids in groups.items()}, near, kinds, longest)
