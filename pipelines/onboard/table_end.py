"""Where a table ends: totals, sources and notes below its last record."""

from __future__ import annotations

import re
from collections.abc import Sequence

from citylake.pipelines.onboard.text_sample import TextRecord
from citylake.pipelines.parse.cell_kinds import cell_kind

_TOTAL = re.compile(
    r"((grand|sub)?[ -]?totals?|sum|summe|gesamt|insgesamt|totaal|totale|ensemble|suma)\b.*|[合总小]\s*计.*",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(数据来源|来源|备注|说明|注|制表|导出|单位|填表|审核|sources?|notes?|footnotes?|quelle|hinweis|bron|fuente|nota|copyright|©|\(c\)|\*|"
    r"end of|generated|exported|last updated|updated|report|\d+ rows?|rows?:|records?:)",
    re.IGNORECASE,
)
_LEADING_WORDS = re.compile(r"[^\d:：,，(（]{2,30}")
_MOST, _LONG_TEXT, _SHORTEST = 40, 20, 2


def detect_footer(head: Sequence[TextRecord], tail: Sequence[TextRecord], width: int) -> str | None:
    """The regular expression of the first field below the table; None if the table goes to the end.

    ``head`` are the first records from the data on, ``tail`` the last ones of a longer file.
    """
    records = [record for record in (tail or head) if any(cell.strip() for cell in record.cells)]
    start = len(records)
    while start and len(records) - start < _MOST and _is_below(records[start - 1], width):
        start -= 1
    below, body = records[start:], [*(head if tail else ()), *records[:start]]
    if not below or not body or not _is_note_or_total(below, body, width):
        return None
    return _pattern(below[0].cells[0], body)


def _is_below(record: TextRecord, width: int) -> bool:
    """Whether a record may stand below the table: few fields, or a total."""
    cells = record.cells
    filled = [cell for cell in cells if cell.strip()]
    first = cells[0].strip()
    if _TOTAL.fullmatch(first) or (_NOTE.match(first) and len(cells) < width):
        return True
    return bool(first) and cell_kind(first) == "text" and len(filled) <= max(1, width // 3) and len(filled) < width


def _is_note_or_total(below: Sequence[TextRecord], body: Sequence[TextRecord], width: int) -> bool:
    """Whether the lines below are surely none of the records: by their words, or because no record is as short."""
    first = below[0].cells[0].strip()
    if _TOTAL.fullmatch(first) or _NOTE.match(first):
        return True
    telling = len(first) >= _LONG_TEXT or not first[0].isalnum() or first.endswith((":", "："))
    return telling and width > 1 and all(len([cell for cell in record.cells if cell.strip()]) > 1 for record in body)


def _pattern(first: str, body: Sequence[TextRecord]) -> str | None:
    """The start of the text that no record's first field has."""
    words = _LEADING_WORDS.match(first.strip())
    start = words[0].rstrip() if words else ""
    candidates = (start if len(start) >= _SHORTEST else "", first.strip()[:60])
    lead = r"\s*" if first != first.lstrip() else ""
    for candidate in candidates:
        # Blanks need no escape, and a person reads this.
        pattern = f"^{lead}{re.escape(candidate)}".replace("\\ ", " ")
        if candidate and not any(re.match(pattern, record.cells[0]) for record in body if record.cells):
            return pattern
    return None
