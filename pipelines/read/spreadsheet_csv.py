"""CSV files for people: they open in Excel with the right characters, and no cell of them is a formula."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

# https://owasp.org/www-community/attacks/CSV_Injection; a number with a sign is a number.
_FORMULA = re.compile(r"[=+\-@\t\r\n＝＋－＠](?![\d.,]*\Z)")


def write_spreadsheet_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write UTF-8 with a BOM, without which a Chinese Excel reads GB18030; replaces the file."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(map(disarm_formula, columns))
        writer.writerows(map(disarm_formula, row) for row in rows)


def disarm_formula(value: Any) -> Any:
    """A text that a spreadsheet would execute, with an apostrophe before it; other values unchanged."""
    return f"'{value}" if isinstance(value, str) and _FORMULA.match(value) else value
