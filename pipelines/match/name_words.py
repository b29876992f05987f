"""A name as words: written in one way, cut at capitals, signs and digits; Chinese as simplified characters."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

_CJK = "㐀-䶿一-鿿"
_HAS_CJK = re.compile(f"[{_CJK}]")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DECIMAL = re.compile(r"(?<=\d)\.(?=\d)")
_PIECES = re.compile(f"[a-z]+|[0-9]+|[{_CJK}]")
_NESTED = re.compile(r"[^\W\d][\w$]*(?:\.[\w$]+)*\.[^\W\d][\w$]*")
_BRACKETS = re.compile(r"[(（\[]([^)）\]]*)[)）\]]")
_OUTER, _REMARK = 0.25, 0.25
_PLURALS = re.compile(r"(?<=[a-z]{3})s$|(?<=[a-z]{3}[sxh])es$")
_KEPT_S = ("ss", "us", "is")


@lru_cache(maxsize=65536)
def name_words(name: str) -> tuple[str, ...]:
    """The words of a name in order: runs of letters, runs of digits and single Chinese characters.

    ``SiteNameAddress`` is site, name, address; ``lad09cd`` is lad, 09, cd; ``PM2.5`` is pm, 25.
    """
    text = _DECIMAL.sub("", unicodedata.normalize("NFKC", name))
    return tuple(_PIECES.findall(_simplify(_CAMEL.sub(" ", text)).casefold()))


def name_parts(name: str) -> list[tuple[str, float]]:
    """The parts of a name, each with the share of its weight: objects around a field and remarks in brackets tell less.

    ``location.latitude`` is latitude, of a location; ``注册资本(万元)`` is 注册资本, with its unit.
    """
    if _NESTED.fullmatch(name):
        outer, _, last = name.rpartition(".")
        return [(outer, _OUTER), (last, 1.0)]
    pieces = [(text, _REMARK if number % 2 else 1.0) for number, text in enumerate(_BRACKETS.split(name))]
    return [(text, share) for text, share in pieces if text.strip()]


@lru_cache(maxsize=65536)
def joined_name(name: str) -> str:
    """A name without signs, in lower case, half width and simplified characters: equal for equal names."""
    return "".join(name_words(name))


def is_chinese(text: str) -> bool:
    """Whether a text has a Chinese character."""
    return _HAS_CJK.search(text) is not None


@lru_cache(maxsize=65536)
def singular(word: str) -> str:
    """An English word without the ending of its plural."""
    if word.endswith(_KEPT_S):
        return word
    return word[:-3] + "y" if word.endswith("ies") and len(word) > 4 else _PLURALS.sub("", word)


def _simplify(text: str) -> str:
    return _converter().convert(text) if is_chinese(text) else text


@lru_cache(maxsize=1)
def _converter() -> Any:
    # Its tables take half a second, which names without Chinese characters do not need.
    from opencc import OpenCC

    return OpenCC("t2s")
