"""Every delimited text as one with a delimiter of a single ASCII character, which all readers split alike."""

from __future__ import annotations

import re
from functools import partial
from itertools import islice
from pathlib import Path

from citylake.pipelines.parse.csv_delimiter import (
    DelimiterGuess,
    declared_separator,
    guess_delimiter,
    yaml_delimiter,
)
from citylake.pipelines.parse.line_reader import LineReader
from citylake.pipelines.parse.parse_limits import CHUNK_BYTES
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.text_encoding import EncodedFile, to_utf8
from citylake.schemas.model.formats import CsvFormat
from citylake.schemas.model.formats.csv_format import WHITESPACE

SAMPLE_LINES = 30
_SUBSTITUTES = ("\x1f", "\x1e", "\x1d", "\x1c", "\x02", "\x03")


def with_single_delimiter(
    request: ReadRequest, text: EncodedFile, fmt: CsvFormat, report: ParseReport
) -> tuple[EncodedFile, CsvFormat]:
    """The text and its format with a delimiter of one ASCII character, detected if none is declared.

    A text with another delimiter is rewritten to scratch; its lines keep their numbers. A delimiter that is not a
    usual one is reported as a guess, and so is a single column that may be several.
    """
    guess = DelimiterGuess(fmt.delimiter) if fmt.delimiter else _guess(request, text, fmt)
    report.facts["delimiter"] = guess.delimiter
    if not guess.common:
        report.add_notice("DELIMITER_GUESSED", file=request.shown, delimiter=yaml_delimiter(guess.delimiter))
    if guess.rivals:
        likely = ", ".join(map(yaml_delimiter, guess.rivals))
        report.add_notice("COLUMN_SINGLE", file=request.shown, delimiters=likely)
    if len(guess.delimiter) == 1 and guess.delimiter.isascii():
        return text, fmt.model_copy(update={"delimiter": guess.delimiter})
    plain = to_utf8(request, text)
    substitute = _unused_character(plain.path)
    copy = replace_delimiter(request, plain.path, guess.delimiter, substitute, fmt)
    return EncodedFile(copy, "utf-8", plain.checked), fmt.model_copy(update={"delimiter": substitute})


def _guess(request: ReadRequest, text: EncodedFile, fmt: CsvFormat) -> DelimiterGuess:
    with LineReader(request, text.path, fmt.max_field_bytes, ParseReport(), text.encoding) as lines:
        sample = list(islice(lines.sound_texts(), fmt.title_rows + SAMPLE_LINES))
    declared = declared_separator(sample[0]) if sample else None
    if declared:
        return DelimiterGuess(declared)
    rows = [line for line in sample[fmt.title_rows :] if not (fmt.comment and line.startswith(fmt.comment))]
    return guess_delimiter(rows, fmt.quote)


def _unused_character(path: Path) -> str:
    """A control character that the file does not have."""
    left = list(_SUBSTITUTES)
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            left = [char for char in left if char.encode() not in chunk]
    return left[0] if left else _SUBSTITUTES[0]


def replace_delimiter(request: ReadRequest, path: Path, delimiter: str, substitute: str, fmt: CsvFormat) -> Path:
    """A copy of ``path`` with ``substitute`` for every delimiter outside quotes."""
    target = request.scratch / f"{path.name}.delimited"
    blanks = delimiter == WHITESPACE
    pattern = re.compile(r"[ \t]+" if blanks else re.escape(delimiter))
    inside = False
    # Bytes that are not UTF-8 stay what they are: their rows are refused later.
    open_text = partial(open, encoding="utf-8", errors="surrogateescape", newline="")
    with open_text(path) as old, open_text(target, mode="w") as new:
        while line := old.readline(fmt.max_field_bytes + 3):
            text = _strip_blanks(line) if blanks and not inside else line
            pieces = text.split(fmt.quote) if fmt.quote else [text]
            first = 1 if inside else 0
            pieces[first::2] = [pattern.sub(substitute, piece) for piece in pieces[first::2]]
            new.write(fmt.quote.join(pieces))
            inside ^= len(pieces) % 2 == 0
    return target


def _strip_blanks(line: str) -> str:
    """The line without blanks at its start and before its end."""
    body = line.rstrip("\r\n")
    return body.strip(" \t") + line[len(body) :]
