"""CSV files for people: they open in Excel with the right characters, and no cell of them is a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

# https://owasp.org/www-community/attacks/CSV_Injection; a number with a sign is a number. A semicolon or a line end
# within a cell begins another cell where the list separator is a semicolon.
_NUMBER = r"(?![\d.,]*(?:[eE][+-]?\d+)?(?:[;\t\r\n]|\Z))"
_WITHIN = rf"[ \u00a0\u3000]*(?:[=@＝＠]|[+\-＋－]{_NUMBER})"
_BEGIN = rf"'*(?:{_WITHIN}|[\t\r\n])"
_FORMULA = re.compile(_BEGIN)
_MARKED = re.compile(rf"'(?={_BEGIN})")
_FORMULA_WITHIN = re.compile(rf"([;\t\r\n])(?='*{_WITHIN})")
_MARKED_WITHIN = re.compile(rf"([;\t\r\n])'(?='*{_WITHIN})")
_PLAIN = (int, float, Decimal, type(None))


def write_spreadsheet_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write UTF-8 with a BOM, without which a Chinese Excel reads GB18030; replaces the file."""
    with path.open("w", encoding="utf-8-sig", errors="backslashreplace", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(map(disarm_formula, columns))
        writer.writerows(map(disarm_formula, row) for row in rows)


def disarm_formula(value: Any) -> Any:
    """A text that a spreadsheet would execute, with an apostrophe before it; numbers and other texts unchanged.

    A text that begins with apostrophes and would be executed without them gets one more, so that
    :func:`rearm_formula` always gives back the text.
    """
    if isinstance(value, _PLAIN):
        return value
    text = _FORMULA_WITHIN.sub(r"\1'", str(value))
    return f"'{text}" if _FORMULA.match(text) else text


def rearm_formula(text: str) -> str:
    """The text of a cell as it was before :func:`disarm_formula`."""
    return _MARKED_WITHIN.sub(r"\1", _MARKED.sub("", text, count=1) if _MARKED.match(text) else text)
