"""The likeliest encoding of a text that is not UTF-8, with the second likeliest reading of it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from citylake.pipelines.parse.encoding_candidates import (
    CANDIDATES,
    MULTI_BYTE,
    encoding_weights,
    local_multi_byte,
)

_DOUBTFUL_CONFIDENCE = 0.9
"""Of another reading than the declared one, from which it is reported."""
_WINDOWS, _WINDOW_BYTES = 16, 1 << 14
"""A larger file is sampled at its head, at its first undecodable byte, and at places evenly spread over it."""
_FIELD = re.compile(rb"[^,;\t\n\r\"]+")
"""A field: these delimiters are never the second byte of a character."""
_TRIED = 6
_ODD_WEIGHT = {"Co": 0.1, "Cn": 0.1, "Cc": 0.02}
"""Private, unassigned and control characters, which no text of a city has."""
_SYMBOL_WEIGHT = 0.2
"""A symbol beside a letter (``Ś`` of ISO 8859-2 is ``¦`` in Windows-1250) or a capital behind a small letter."""
_BROKEN_WORD = re.compile(r"[^\W\d_][¦±¶¬ˇ¤¨´¸¯¼½¾¹²³£©®™†‡‰§¥¢¿¡]|[¦±¶¬ˇ¤¨´¸¯¼½¾£©®™†‡‰¥¢¿¡][^\W\d_]")
_UNIT = re.compile(r"(?<![^\W\d_])([kcdmµ]?m[²³]|µ[gmlLSVAs](?![^\W_])|°[CFK]?(?![^\W_])|\d\u00a0(?=\d{3}))")
"""Signs of units, and the fixed space between groups of digits: often the only ones in a table that are not ASCII."""
_UNIT_WEIGHT = 5.0
"""How much likelier a reading is in which every such sign belongs to a unit."""
_FEW_LETTERS = 3
_CHANCE_LETTERS = {chr(code) for code in (*range(0x100, 0x370), *range(0x400, 0x800))}
"""What two bytes of an East Asian encoding may be in UTF-8, without the signs and Greek letters of any table."""
_CHANCE_WORD = re.compile(r"[^\x00-\x7f]{2}")
_EXCERPT_CHARS = 60


@dataclass(frozen=True, slots=True)
class TextReading:
    """One reading of the sample: an encoding, its score, and the decoded text."""

    encoding: str
    score: float
    text: str

    def excerpt(self, other: TextReading | None = None) -> str:
        """The first field, or the first one that ``other`` decodes otherwise."""
        mine, theirs = self.text.split("\n"), (other.text if other else "").split("\n")
        differing = (a for a, b in zip(mine, theirs, strict=False) if a != b)
        return next(differing, mine[0])[:_EXCERPT_CHARS]


@dataclass(frozen=True, slots=True)
class EncodingGuess:
    """The best reading and the best one with another text. ``confidence``: the best score as a share of both."""

    best: TextReading
    rival: TextReading | None

    @property
    def confidence(self) -> float:
        """From 0.5 (both are equally likely) to 1."""
        return self.best.score / (self.best.score + self.rival.score) if self.rival else 1.0


def rank_encodings(path: Path, first_bad: int, locale: str) -> list[TextReading]:
    """The readings of a sample of ``path``, likeliest first; ``first_bad``: offset of a byte that is not UTF-8."""
    from chardet import detect_all

    sample = _words(b"\n".join(_sample_windows(path, first_bad)))
    weights = encoding_weights(locale)
    scored: dict[str, TextReading] = {}
    for found in detect_all(
        sample, ignore_threshold=True, max_bytes=len(sample) + 1, compat_names=False, include_encodings=CANDIDATES
    ):
        encoding = found["encoding"] or ""
        text = _decode_sample(sample, encoding) if encoding in weights else None
        if text is None:
            continue
        score = found["confidence"] * weights[encoding] * _plausibility(text, encoding)
        if text not in scored or scored[text].score < score:
            scored[text] = TextReading(encoding, score, text)
    return sorted(scored.values(), key=lambda reading: -reading.score)[:_TRIED]


def rival_of_declared(path: Path, first_bad: int, encoding: str, locale: str) -> tuple[TextReading, TextReading] | None:
    """The reading of ``path`` as declared, and a far likelier one with another text; None without such a one."""
    readings = rank_encodings(path, first_bad, locale)
    if not readings:
        return None
    best = readings[0]
    text = best.text.encode(best.encoding, "replace").decode(encoding, "replace")
    declared = next((one for one in readings if encoding == one.encoding), TextReading(encoding, 0.0, text))
    if declared.text == best.text or EncodingGuess(best, declared).confidence < _DOUBTFUL_CONFIDENCE:
        return None
    return declared, best


def rival_of_utf8(path: Path, locale: str) -> tuple[TextReading, TextReading] | None:
    """The readings of a UTF-8 text whose few letters are characters of the locale's own encoding: ``5Ԫ`` is ``5元``."""
    encodings = local_multi_byte(locale)
    if not encodings or path.stat().st_size > _WINDOWS * _WINDOW_BYTES:
        return None
    sample = _words(path.read_bytes())
    text = sample.decode("utf-8", "replace")
    letters = {char for char in text if char > "\x7f"}
    if not 0 < len(letters) <= _FEW_LETTERS or not _CHANCE_LETTERS.issuperset(letters) or _CHANCE_WORD.search(text):
        return None
    for encoding in encodings:
        other = _decode_sample(sample, encoding)
        if other and all(
            "\u4e00" <= char <= "\u9fff" or "\uac00" <= char <= "\ud7a3" for char in set(other) if char > "\x7f"
        ):
            return TextReading("utf-8", 0.5, text), TextReading(encoding, 0.5, other)
    return None


def _words(text: bytes) -> bytes:
    """The fields with a byte that is not ASCII, a line each."""
    return b"\n".join(field for field in _FIELD.findall(text) if not field.isascii())


def _decode_sample(sample: bytes, encoding: str) -> str | None:
    try:
        return sample.decode(encoding)
    except UnicodeDecodeError as error:
        # A window can begin or end within a character of a multi-byte encoding; the file itself is verified later.
        near_end = error.start > len(sample) - 4
        return sample[: error.start].decode(encoding) if near_end else None


def _plausibility(text: str, encoding: str) -> float:
    kinds = {unicodedata.category(char) for char in set(text) if char not in "\n\r\t"}
    weight = min((weight for kind, weight in _ODD_WEIGHT.items() if kind in kinds), default=1.0)
    if encoding in MULTI_BYTE:
        return weight
    words = _UNIT.sub("", text)
    weight *= _UNIT_WEIGHT if words.isascii() else 1.0
    return weight * (_SYMBOL_WEIGHT if _has_broken_word(words) else 1.0)


def _has_broken_word(text: str) -> bool:
    inside = any(a.islower() and b.isupper() and b > "\x7f" for a, b in pairwise(text))
    return inside or _BROKEN_WORD.search(text) is not None


def _sample_windows(path: Path, first_bad: int) -> Iterator[bytes]:
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= _WINDOWS * _WINDOW_BYTES:
            yield file.read()
            return
        places = sorted({0, max(0, first_bad - 256), *(size * n // _WINDOWS for n in range(1, _WINDOWS))})
        for place in places:
            file.seek(place)
            if place:
                file.readline(_WINDOW_BYTES)
            window = file.read(_WINDOW_BYTES)
            yield window[: window.rfind(b"\n") + 1] or window
