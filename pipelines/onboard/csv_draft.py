"""The words of a contract for a delimited file: what stands above, below and after its table, each with the reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from citylake.pipelines.onboard.table_end import detect_footer
from citylake.pipelines.onboard.text_sample import Line, TextRecord, TextSample, split_sample
from citylake.pipelines.parse.cell_kinds import column_kind
from citylake.pipelines.parse.csv_delimiter import declared_separator, field_counts, guess_delimiter
from citylake.pipelines.parse.csv_header import header_names, is_hxl_row, unique_names
from citylake.pipelines.parse.table_structure import TableStructure, find_table, join_header_lines

_COMMENT_MARKS = ("#", "//", "%", "!", "--", "*", "'")
_TYPED_SHARE = 0.8


@dataclass(slots=True)
class CsvDraft:
    """Words of the format, and why each was chosen: keys of the catalogue below ``onboard.draft_``, with values."""

    words: dict[str, Any] = field(default_factory=dict)
    reasons: list[tuple[str, Mapping[str, Any]]] = field(default_factory=list)
    columns: int = 1
    """The width of the table that was found."""
    typed: bool = False
    """Whether one of its columns holds numbers or times."""

    def set(self, word: str, value: Any, **values: Any) -> None:
        """Set a word, with the reason ``draft_<word>``."""
        self.words[word] = value
        self.reasons.append((word, {"value": value, **values}))


def draft_csv_words(sample: TextSample) -> CsvDraft:
    """What a contract must say so that the file of ``sample`` is read right; nothing for a plain one."""
    draft, lines = CsvDraft(), [line for line in sample.head if line[1].strip()]
    separator = declared_separator(lines[0][1]) if lines and lines[0][0] == 1 else None
    table_lines = lines[1:] if separator else lines
    mark = _comment_mark(table_lines)
    comments = [line for line in table_lines if mark and line[1].startswith(mark)]
    table_lines = [line for line in table_lines if not (mark and line[1].startswith(mark))]
    quote = _detect_quote(table_lines)
    delimiter = separator or _sample_delimiter(table_lines, quote)
    if quote != '"':
        draft.set("quote", quote)
    if delimiter != "," and not separator:
        draft.set("delimiter", delimiter)
    records = split_sample(table_lines, delimiter, quote)
    tail = split_sample(list(enumerate(sample.tail, 1)), delimiter, quote)
    found = find_table([record.cells for record in records])
    if mark:
        draft.set("comment", mark)
    if found:
        draft.columns = found.width
        rows = [record.cells for record in records[found.data :] if len(record.cells) >= found.width]
        draft.typed = any(column_kind(column, _TYPED_SHARE) != "text" for column in zip(*rows, strict=False))
        _Drafting(draft, records, found, comments, mark or "").write()
        footer = detect_footer(records[found.data :], tail, found.width)
        if footer:
            draft.set("footer", footer)
    return draft


def _comment_mark(lines: Sequence[Line]) -> str | None:
    """The sign with which the first lines begin, if not all lines do and it is no row of tags."""
    mark = next((mark for mark in _COMMENT_MARKS if lines and lines[0][1].startswith(mark)), None)
    if mark is None or all(text.startswith(mark) for _, text in lines):
        return None
    return None if mark == "#" and is_hxl_row(re.split(r"[,;\t|]", lines[0][1].strip())) else mark


def _detect_quote(lines: Sequence[Line]) -> str:
    """``'`` if fields are enclosed in it and in no double quotes; empty if double quotes only stand within fields."""
    text = "".join(text for _, text in lines)
    if '"' not in text:
        single = len(re.findall(r"(?:^|[,;\t|])'[^'\r\n]*'(?=[,;\t|\r\n]|$)", text, re.MULTILINE))
        return "'" if single > len(lines) and single * 2 == text.count("'") else '"'
    opening = re.search(r"(?:^|[\s,;|^~:#\x01\x1f]|[^\w\s])\"", text, re.MULTILINE)
    return '"' if opening else ""


def _sample_delimiter(lines: Sequence[Line], quote: str) -> str:
    """The delimiter by the lower lines, where no titles are; by all of them if there are few."""
    texts = [text for _, text in lines]
    for part in (texts, texts[len(texts) // 3 :], texts[len(texts) // 3 : -max(1, len(texts) // 5)]):
        guess = guess_delimiter(part, quote)
        if len(part) > 1 and max(field_counts(part, guess.delimiter)) > 1:
            return guess.delimiter
    return ","


@dataclass(frozen=True, slots=True)
class _Drafting:
    """Writes the words for the lines from the start of a file to its first record of data."""

    draft: CsvDraft
    records: Sequence[TextRecord]
    found: TableStructure
    comments: Sequence[Line]
    mark: str

    def write(self) -> None:
        """Write ``title_rows``, ``header``, ``skip_after_header`` and ``duplicate_columns``, each where needed."""
        names = self._names()
        if names is not None:
            self._write_names(names)
            return
        header = self.records[self.found.header or 0]
        if any(_is_text(record) for record in self.records[: self.found.header or 0]):
            self.draft.set("title_rows", header.line - 1)
        below = [record for record in self._between() if not is_hxl_row(record.cells)]
        if below:
            self.draft.set("skip_after_header", below[-1].end - header.end, text=_excerpt(below[0]))
        columns = header_names(header.cells)
        if len(set(columns)) < len(columns):
            twice = [name for name, new in zip(columns, unique_names(columns), strict=True) if name != new]
            self.draft.set("duplicate_columns", "rename", columns=", ".join(dict.fromkeys(twice)))

    def _names(self) -> tuple[str, ...] | None:
        """Names to be declared: of a header in two lines, in a comment, one that is too short, or none at all."""
        found, width = self.found, self.found.width
        if found.header is None:
            return self._commented_names()
        header = self.records[found.header].cells
        if found.joined:
            return join_header_lines(header, self.records[found.header + 1].cells, width)
        if len(header) == width - 1:
            return ("column_1", *header)
        return self._grouped_names(header) if len(set(header)) < len(header) else None

    def _grouped_names(self, header: Sequence[str]) -> tuple[str, ...] | None:
        """Names that occur once for each group, which the line above names; None if it is a title."""
        place, width = self.found.header or 0, self.found.width
        upper = self.records[place - 1].cells if place else ()
        groups = [cell for cell in upper[:width] if cell.strip()]
        return join_header_lines(upper, header, width) if len(upper) >= width and len(groups) > 1 else None

    def _commented_names(self) -> tuple[str, ...]:
        plain = tuple(f"column_{number}" for number in range(1, self.found.width + 1))
        if not self.comments:
            return plain
        text = self.comments[-1][1].lstrip(self.mark + " ")
        delimiter = self.draft.words.get("delimiter", ",")
        (record, *_) = split_sample([(1, text)], delimiter, '"') or [TextRecord(1, 1, ())]
        return tuple(cell.strip() for cell in record.cells) if len(record.cells) == self.found.width else plain

    def _write_names(self, names: tuple[str, ...]) -> None:
        above = self.records[self.found.data].line - 1
        comments = sum(line < self.records[self.found.data].line for line, _ in self.comments)
        if above and (above > comments or not self.mark):
            self.draft.set("title_rows", above)
        kind = "none" if names[0] == "column_1" else "joined" if self.found.header is not None else "comment"
        self.draft.words["header"] = list(unique_names(names))
        self.draft.reasons.append((f"header_{kind}", {}))

    def _between(self) -> Iterator[TextRecord]:
        start = (self.found.header or 0) + 1
        return (record for record in self.records[start : self.found.data] if _is_text(record))


def _is_text(record: TextRecord) -> bool:
    return any(cell.strip() for cell in record.cells)


def _excerpt(record: TextRecord) -> str:
    return ", ".join(cell.strip() for cell in record.cells if cell.strip())[:40]
