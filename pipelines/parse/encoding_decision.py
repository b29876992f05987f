"""The decision on the encoding of a text: declared, proven by the bytes, or guessed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from citylake.pipelines.parse.encoding_candidates import MULTI_BYTE
from citylake.pipelines.parse.guess_encoding import (
    EncodingGuess,
    TextReading,
    rank_encodings,
    rival_of_declared,
    rival_of_utf8,
)
from citylake.pipelines.parse.parse_limits import HEAD_BYTES
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.utf8_scan import (
    BadByte,
    count_utf8_lines,
    escaped_encoding,
    first_undecodable_byte,
    reads_as_utf8,
    utf16_without_mark,
)
from citylake.schemas.words.errors import CitylakeError

EncodingKind = Literal["declared", "proven", "guessed"]
LEAST_CONFIDENCE = 0.7
"""A guess below it holds the batch."""
_PROVEN_CONFIDENCE, _PROVEN_CHARS = 0.9, 100
"""What makes the only multi-byte encoding that decodes a file a proven one."""


@dataclass(frozen=True, slots=True)
class EncodingDecision:
    """An encoding, and how it was found."""

    encoding: str
    kind: EncodingKind


def check_declared_encoding(request: ReadRequest, path: Path, encoding: str, report: ParseReport) -> EncodingDecision:
    """The declared encoding; raises ENCODING_MISDECLARED if the bytes are UTF-8.

    Adds the notice ENCODING_DOUBTED if another one is far likelier. The reader finds bytes that do not decode.
    """
    if not encoding.startswith(("utf-", "utf_")):
        row = reads_as_utf8(path, encoding)
        if row is not None and first_undecodable_byte(path, encoding) is None:
            raise request.fault("ENCODING_MISDECLARED", row=row, encoding=encoding)
        _report_doubts(request, path, encoding, report)
    return EncodingDecision(encoding, "declared")


def _report_doubts(request: ReadRequest, path: Path, encoding: str, report: ParseReport) -> None:
    """With and without the locale, which may be that of the workspace and not of the source."""
    bad = first_undecodable_byte(path, "utf-8")
    if bad is None:
        return
    rivals = rival_of_declared(path, bad.offset - 1, encoding, "")
    local = rivals and rival_of_declared(path, bad.offset - 1, encoding, request.locale)
    if rivals and local and rivals[1].encoding == local[1].encoding:
        report.add_notice("ENCODING_DOUBTED", file=request.shown, row=bad.row, **_both_readings(*local))


def decide_encoding(
    request: ReadRequest, path: Path, report: ParseReport, *, refuses_rows: bool = False
) -> EncodingDecision:
    """The encoding of a file without a declared one and without a byte order mark; all of it is checked.

    Adds the notice ENCODING_GUESSED. Raises ENCODING_WRONG for a text of which some lines are not UTF-8, unless the
    reader ``refuses_rows``, ENCODING_AMBIGUOUS for a guess below LEAST_CONFIDENCE, and ENCODING_UNKNOWN.
    """
    with path.open("rb") as file:
        wide = utf16_without_mark(file.read(HEAD_BYTES))
    if wide and first_undecodable_byte(path, wide) is None:
        return EncodingDecision(wide, "proven")
    bad = first_undecodable_byte(path, "utf-8")
    if bad is None:
        escaped = escaped_encoding(path)
        if escaped == "":
            raise request.fault("ENCODING_UNKNOWN", row=1)
        if escaped == "hz":
            # A text of ASCII alone may contain its shifts, too.
            report.add_notice("ENCODING_GUESSED", file=request.shown, row=1, encoding="hz", sample="~{…~}")
            return EncodingDecision("hz", "guessed")
        rivals = None if escaped else rival_of_utf8(path, request.locale)
        if rivals:
            raise request.fault("ENCODING_AMBIGUOUS", row=1, **_both_readings(*rivals))
        return EncodingDecision(escaped or "utf-8", "proven")
    if count_utf8_lines(path).nearly:
        if refuses_rows:
            return EncodingDecision("utf-8", "proven")
        raise undecodable_fault(request, bad, "utf-8")
    return _guess_encoding(request, path, bad, report)


def check_utf8_lines(request: ReadRequest, path: Path) -> None:
    """Raise ENCODING_WRONG if a file that should be UTF-8 has so many lines of another encoding that some of the others
    may be UTF-8 by chance. Lines that are not UTF-8 are left to the reader.
    """
    bad = first_undecodable_byte(path, "utf-8")
    if bad:
        lines = count_utf8_lines(path)
        if lines.strong + lines.weak and not lines.nearly:
            raise undecodable_fault(request, bad, "utf-8")


def undecodable_fault(request: ReadRequest, bad: BadByte | None, encoding: str) -> CitylakeError:
    """ENCODING_WRONG with row and byte."""
    bad = bad or BadByte(1, 1, "?")
    return request.fault("ENCODING_WRONG", row=bad.row, offset=bad.offset, byte=bad.byte, encoding=encoding)


def _guess_encoding(request: ReadRequest, path: Path, bad: BadByte, report: ParseReport) -> EncodingDecision:
    readings = rank_encodings(path, bad.offset - 1, request.locale)
    fitting = [reading for reading in readings if first_undecodable_byte(path, reading.encoding) is None]
    if not fitting:
        raise request.fault("ENCODING_UNKNOWN", row=bad.row)
    guess = EncodingGuess(fitting[0], fitting[1] if len(fitting) > 1 else None)
    best, rival = guess.best, guess.rival
    if rival and guess.confidence < LEAST_CONFIDENCE:
        raise request.fault("ENCODING_AMBIGUOUS", row=bad.row, **_both_readings(best, rival))
    if _is_proven(path, guess):
        return EncodingDecision(best.encoding, "proven")
    report.add_notice(
        "ENCODING_GUESSED", file=request.shown, row=bad.row, encoding=best.encoding, sample=best.excerpt(rival)
    )
    return EncodingDecision(best.encoding, "guessed")


def _both_readings(best: TextReading, rival: TextReading) -> dict[str, str]:
    return {
        "encoding": best.encoding,
        "sample": best.excerpt(rival),
        "other": rival.encoding,
        "other_sample": rival.excerpt(best),
    }


def _is_proven(path: Path, guess: EncodingGuess) -> bool:
    """Whether no other multi-byte encoding decodes the file, and the text is long enough for a sure comparison."""
    best = guess.best
    if best.encoding not in MULTI_BYTE or guess.confidence < _PROVEN_CONFIDENCE:
        return False
    if sum(char > "\x7f" for char in best.text) < _PROVEN_CHARS:
        return False
    others = (name for name in MULTI_BYTE if name != best.encoding)
    return all(first_undecodable_byte(path, name) is not None for name in others)
