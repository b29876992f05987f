"""GeoJSON with a feature on each line, with or without record separators (RFC 8142)."""

from __future__ import annotations

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

from citylake.pipelines.parse.json_stream import JsonBrokenError, JsonDocument, RepeatedMemberError
from citylake.pipelines.parse.parse_limits import RECORD_CHARS
from citylake.pipelines.parse.read_request import ReadRequest

_SEPARATOR = "\x1e"


def is_feature_sequence(path: Path) -> bool:
    """Whether the first line is a whole object and another one follows."""
    with path.open(encoding="utf-8-sig") as file:
        lines = (line.strip() for line in iter(lambda: file.readline(RECORD_CHARS), ""))
        begun = [line for _, line in zip(range(2), filter(None, lines), strict=False)]
    if begun and begun[0].startswith(_SEPARATOR):
        return True
    return len(begun) == 2 and begun[0].endswith("}") and all(line.startswith("{") for line in begun)


def feature_lines(request: ReadRequest, path: Path) -> Iterator[tuple[int, dict[str, tuple[Any, str]]]]:
    """The members of each line, after its number. Raises JSON_BROKEN, RECORD_TOO_LARGE or JSON_COLUMN_CLASH."""
    with path.open(encoding="utf-8-sig") as file:
        for row, line in enumerate(iter(lambda: file.readline(request.record_chars + 1), ""), 1):
            if len(line) > request.record_chars:
                raise request.fault("RECORD_TOO_LARGE", row=row, limit=request.record_chars)
            text = line.strip().lstrip(_SEPARATOR)
            if not text:
                continue
            try:
                for feature in JsonDocument(StringIO(text), RECORD_CHARS).parted("", "geometry"):
                    yield row, feature
            except JsonBrokenError as error:
                raise request.fault("JSON_BROKEN", row=row, column=error.column, reason=error.reason) from None
            except RepeatedMemberError as error:
                raise request.fault("JSON_COLUMN_CLASH", row=row, column=str(error)) from None
