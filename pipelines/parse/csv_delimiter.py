"""The delimiter of a text: one that is common, or any sign that divides every line alike."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from citylake.schemas.model.formats.csv_format import WHITESPACE

COMMON_DELIMITERS = ",\t;|"
_ENOUGH = 0.5
"""Share of the lines that a common delimiter must divide into the same number of fields."""
_SIGNS = re.compile(r"(?:[^\w\s\"'.\-/()%+$€£°&@\\*?!]|[\x1c-\x1f])+")
"""What may be a delimiter besides the common ones: signs that seldom stand within a value."""
_BLANKS = re.compile(r"[ \t]+")
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_NUMBER = re.compile(r"[-+]?\d+([.,]\d+)?")
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(?P<delimiter>[^\"\r\n]{1,10})\"?,*\s*")


@dataclass(frozen=True, slots=True)
class DelimiterGuess:
    """``common``: of the usual ones. ``rivals``: what else may divide lines that were left as one column."""

    delimiter: str
    common: bool = True
    rivals: tuple[str, ...] = ()


def declared_separator(line: str) -> str | None:
    """The delimiter that a first line like ``sep=;`` declares, as Excel understands it."""
    found = _SEPARATOR_LINE.fullmatch(line)
    return found["delimiter"] if found else None


def guess_delimiter(lines: Iterable[str], quote: str) -> DelimiterGuess:
    """The delimiter that gives the lines the same number of fields, and the most fields."""
    texts = [_outside_quotes(line.rstrip("\r\n"), quote) for line in lines if line.strip()]
    common = _common_delimiter(texts)
    if common:
        run = _longer_delimiter(texts, common)
        return DelimiterGuess(run or common, common=run is None)
    found = list(_rare_delimiters(texts))
    if found:
        return DelimiterGuess(found[0], common=False)
    if _is_aligned_by_blanks(texts):
        return DelimiterGuess(WHITESPACE, common=False)
    return DelimiterGuess(_most_frequent(texts), rivals=tuple(_possible_delimiters(texts)))


def yaml_delimiter(delimiter: str) -> str:
    """The delimiter as a contract writes it."""
    if delimiter == WHITESPACE:
        return delimiter
    return '"' + "".join(char if char.isprintable() else ascii(char)[1:-1] for char in delimiter) + '"'


def field_counts(texts: Iterable[str], delimiter: str) -> list[int]:
    """The number of fields of each line, without regard to quotes."""
    if delimiter == WHITESPACE:
        return [len(_BLANKS.split(text.strip())) for text in texts]
    return [text.count(delimiter) + 1 for text in texts]


def _common_delimiter(texts: Sequence[str]) -> str | None:
    """The common delimiter that most lines have equally often; of several, the one that divides all lines alike."""

    def judged(delimiter: str) -> tuple[bool, float, bool, bool, int]:
        counts = [text.count(delimiter) for text in texts]
        times, lines = Counter(counts).most_common(1)[0]
        share = lines / len(texts) if times else 0.0
        return (
            share == 1.0,
            round(share, 1),
            not _is_of_prose(texts, delimiter),
            not _is_of_numbers(texts, delimiter),
            times,
        )

    best = max(COMMON_DELIMITERS, key=judged) if texts else ","
    return best if texts and judged(best)[1] >= _ENOUGH else None


def _is_of_prose(texts: Sequence[str], sign: str) -> bool:
    """Whether a blank follows the sign nearly everywhere, as in sentences."""
    found = sum(text.count(sign) for text in texts)
    return sum(text.count(f"{sign} ") for text in texts) > found / 2


def _is_of_numbers(texts: Sequence[str], sign: str) -> bool:
    """Whether every comma may be that of a number."""
    return sign == "," and all(text.count(sign) == len(_DECIMAL_COMMA.findall(text)) for text in texts)


def _longer_delimiter(texts: Sequence[str], common: str) -> str | None:
    """``||`` or ``~|~`` if every ``|`` is part of one; doubled commas and tabs are empty fields."""
    runs = {found[0] for found in _SIGNS.finditer(texts[0]) if common in found[0] and len(found[0]) > 1}
    if len(texts) < 2 or common == "\t":
        return None
    runs = {run for run in runs if set(run) != {common} or common == "|"}
    whole = [run for run in runs if all(text.count(run) * run.count(common) == text.count(common) for text in texts)]
    return min(whole, key=len, default=None)


def _rare_delimiters(texts: Sequence[str]) -> Iterator[str]:
    """Signs that every line has equally often, the most frequent first."""
    if len(texts) < 2:
        return
    signs = Counter(found[0] for found in _SIGNS.finditer(texts[0]))
    for sign, _ in signs.most_common():
        if len({text.count(sign) for text in texts}) == 1:
            yield sign


def _is_aligned_by_blanks(texts: Sequence[str]) -> bool:
    """Whether blanks divide all lines into three or more fields, of which one is a number below a name."""
    rows = [_BLANKS.split(text.strip()) for text in texts]
    if len(rows) < 2 or len(rows[0]) < 3 or len({len(row) for row in rows}) > 1:
        return False
    columns = zip(*rows, strict=True)
    return any(not _NUMBER.fullmatch(first) and all(map(_NUMBER.fullmatch, rest)) for first, *rest in columns)


def _possible_delimiters(texts: Sequence[str]) -> Iterator[str]:
    """Signs that the first line and most others have, and blanks if they divide all lines alike."""
    rows = texts[1:]
    for sign in {found[0]: None for found in _SIGNS.finditer(texts[0] if texts else "")}:
        if rows and sum(sign in text for text in rows) > len(rows) / 2:
            yield sign
    counts = set(field_counts(texts, WHITESPACE))
    if len(texts) > 2 and len(counts) == 1 and counts != {1}:
        yield WHITESPACE


def _most_frequent(texts: Sequence[str]) -> str:
    """The common delimiter that the first line has most often."""
    return max(COMMON_DELIMITERS, key=lambda sign: texts[0].count(sign)) if texts else ","


def _outside_quotes(line: str, quote: str) -> str:
    return "".join(line.split(quote)[::2]) if quote else line
