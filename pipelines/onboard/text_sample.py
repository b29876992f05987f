"""The first and the last lines of a text file, for recognising its layout."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from itertools import islice
from pathlib import Path

from citylake.schemas.model.formats.csv_format import WHITESPACE

_HEAD_LINES, _HEAD_CHARS = 400, 1 << 20
_TAIL_BYTES, _TAIL_LINES = 1 << 16, 200
_SUBSTITUTE = "\x1f"
_ESCAPE = "\\"

Line = tuple[int, str]


@dataclass(frozen=True, slots=True)
class TextRecord:
    """``line``: the one on which the record starts; ``end``: its last one."""

    line: int
    end: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TextSample:
    """``head``: the first lines with their numbers. ``tail``: the last lines; empty if ``head`` is the whole file."""

    head: tuple[Line, ...]
    tail: tuple[str, ...] = ()


def read_text_sample(path: Path) -> TextSample:
    """The sample of a UTF-8 file."""
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        text = file.read(_HEAD_CHARS)
    lines = list(islice(_physical_lines(text), _HEAD_LINES))
    head = tuple(enumerate(lines, 1))
    if sum(map(len, lines)) == len(text) and len(text) < _HEAD_CHARS:
        return TextSample(head)
    with path.open("rb") as source:
        source.seek(max(0, path.stat().st_size - _TAIL_BYTES))
        tail = source.read().decode("utf-8", "replace")
    return TextSample(head, tuple(_physical_lines(tail))[1:][-_TAIL_LINES:])


def _physical_lines(text: str) -> Iterator[str]:
    """Lines as files have them: other separators, such as U+2028, are within a line."""
    return iter(StringIO(text, newline=""))


def split_sample(lines: Sequence[Line], delimiter: str, quote: str) -> list[TextRecord]:
    """The records of sample lines, as far as they can be split; a backslash escapes quotes if they fit better so."""
    plain = _split_records(lines, delimiter, quote)
    if not quote or not any(_ESCAPE + quote in text for _, text in lines):
        return plain
    return max(plain, _split_records(lines, delimiter, quote, _ESCAPE), key=_alike)


def _alike(records: Sequence[TextRecord]) -> int:
    """How many records have the most frequent number of cells."""
    return max(Counter(len(record.cells) for record in records).values(), default=0)


def _split_records(lines: Sequence[Line], delimiter: str, quote: str, escape: str | None = None) -> list[TextRecord]:
    own = delimiter if len(delimiter) == 1 else _SUBSTITUTE
    texts = [_with_one_sign(text, delimiter, quote) for _, text in lines]
    padded = bool(quote) and any(f"{own} {quote}" in text for text in texts)
    reader = csv.reader(
        texts,
        delimiter=own,
        quotechar=quote or None,
        quoting=csv.QUOTE_MINIMAL if quote else csv.QUOTE_NONE,
        escapechar=escape,
        skipinitialspace=padded,
    )
    found: list[TextRecord] = []
    before = 0
    try:
        for cells in reader:
            found.append(TextRecord(lines[before][0], lines[reader.line_num - 1][0], tuple(cells)))
            before = reader.line_num
    except csv.Error:
        # A field beyond the limit, most likely behind a quote that is not closed.
        pass
    return found


def _with_one_sign(text: str, delimiter: str, quote: str) -> str:
    if len(delimiter) == 1:
        return text
    pieces = text.split(quote) if quote else [text]
    if delimiter == WHITESPACE:
        pieces[0], pieces[-1] = pieces[0].lstrip(), pieces[-1].rstrip()
        pieces[::2] = [_join_blanks(piece) for piece in pieces[::2]]
    else:
        pieces[::2] = [piece.replace(delimiter, _SUBSTITUTE) for piece in pieces[::2]]
    return quote.join(pieces)


def _join_blanks(piece: str) -> str:
    start = _SUBSTITUTE if piece[:1] in (" ", "\t") else ""
    end = _SUBSTITUTE if piece[-1:] in (" ", "\t") and piece.strip() else ""
    return start + _SUBSTITUTE.join(piece.split()) + end
