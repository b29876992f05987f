"""The columns of a text whose values stand at the same places of every line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from citylake.pipelines.onboard.text_sample import Line, TextSample
from citylake.pipelines.parse.cell_kinds import cell_kind, column_kind
from citylake.pipelines.parse.table_structure import TableStructure, find_table

_LEAST_LINES = 4
_SHARE = 0.8
"""Share of the lines that must be of the table: the others may be titles above it."""


@dataclass(frozen=True, slots=True)
class FixedWidthDraft:
    """The words of the format; ``named``: whether the names come from a header line."""

    words: Mapping[str, Any]
    named: bool


def draft_fixed_width(sample: TextSample) -> FixedWidthDraft | None:
    """The words for a text with aligned columns; None if blanks do not divide all of its lines at the same places."""
    lines = [line for line in sample.head if line[1].strip()]
    for titles in range(min(6, max(1, round(len(lines) * (1 - _SHARE)) + 1))):
        rows = [(number, text.rstrip("\r\n")) for number, text in lines[titles:]]
        starts = _column_starts([text for _, text in rows]) if len(rows) >= _LEAST_LINES else []
        if len(starts) > 1 and not any("\t" in text for _, text in rows):
            return _describe(rows, starts)
    return None


def _column_starts(texts: Sequence[str]) -> list[int]:
    """Offsets at which every line has a blank, or its end, before, and some line a character."""
    width = max(map(len, texts))
    used = [any(text[at : at + 1].strip() for text in texts) for at in range(width)]
    return [at for at in range(width) if used[at] and (at == 0 or not used[at - 1])]


def _describe(rows: Sequence[Line], starts: Sequence[int]) -> FixedWidthDraft | None:
    texts = [text for _, text in rows]
    cells = _split_at(texts, starts)
    found = find_table([[cell.strip() for cell in row] for row in cells])
    named = _named_starts(cells, found, starts) if found else starts
    if len(named) < len(starts):
        return _describe(rows, named)
    if found is None or found.data > 3 or found.width != len(starts) or not _holds_values(cells[found.data :]):
        return None
    names = _names(cells, found, len(starts))
    spans = _spans(texts[found.data :], starts)
    words: dict[str, Any] = {"type": "fixed_width", "columns": dict(zip(names, spans, strict=True))}
    title_rows = rows[found.data][0] - 1
    if title_rows:
        words["title_rows"] = title_rows
    return FixedWidthDraft(words, named=found.header is not None)


def _split_at(texts: Sequence[str], starts: Sequence[int]) -> list[list[str]]:
    return [[text[start:end] for start, end in zip(starts, (*starts[1:], None), strict=True)] for text in texts]


def _named_starts(cells: Sequence[Sequence[str]], found: TableStructure, starts: Sequence[int]) -> list[int]:
    """The starts without those of texts that have no name: words of the column before, aligned by chance."""
    if found.header is None or found.width != len(starts):
        return list(starts)
    kinds = [column_kind(column, _SHARE) for column in zip(*cells[found.data :], strict=True)]
    words = [
        at > 0 and not cells[found.header][at].strip() and kinds[at] == kinds[at - 1] == "text"
        for at in range(len(starts))
    ]
    return [start for start, word in zip(starts, words, strict=True) if not word]


def _holds_values(rows: Sequence[Sequence[str]]) -> bool:
    """Whether a column holds numbers or times: lines of prose may leave the same places blank by chance."""
    return any(column_kind(column, _SHARE) != "text" for column in zip(*rows, strict=True))


def _names(cells: Sequence[Sequence[str]], found: TableStructure, count: int) -> list[str]:
    header = [cell.strip() for cell in cells[found.header]] if found.header is not None else [""] * count
    names = [name or f"column_{number}" for number, name in enumerate(header, 1)]
    return names if len(set(names)) == count else [f"column_{number}" for number in range(1, count + 1)]


def _spans(texts: Sequence[str], starts: Sequence[int]) -> list[list[int]]:
    """First and last character of each column, from 1. A gap belongs to the values that end at the same place."""
    places = list(zip(starts, (*starts[1:], None), strict=True))
    ends = [_last_used(texts, start, end) for start, end in places]
    # Nothing stands before the first column, whose values may end at the same place as well.
    first = [0]
    for (start, end), before in zip(places[1:], ends, strict=False):
        first.append(before if _is_right_aligned(texts, start, end) else start)
    last = [(start if start > end else end) for start, end in zip(first[1:], ends, strict=False)]
    return [[start + 1, end] for start, end in zip(first, last, strict=False)] + [[first[-1] + 1]]


def _last_used(texts: Sequence[str], start: int, end: int | None) -> int:
    return start + max(len(text[start:end].rstrip()) for text in texts)


def _is_right_aligned(texts: Sequence[str], start: int, end: int | None) -> bool:
    """Whether the values are numbers that end at the same place and begin at different ones."""
    values = [text[start:end] for text in texts if text[start:end].strip()]
    lengths = {len(value.rstrip()) for value in values}
    return len(lengths) == 1 and all(cell_kind(value) == "number" for value in values)
