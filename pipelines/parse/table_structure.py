"""Where the table stands in the records of a text: titles above it, its header, and lines of units below that."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from citylake.pipelines.parse.cell_kinds import CellKind, cell_kind, cell_shape, column_kind, is_sequence
from citylake.pipelines.parse.unit_rows import is_unit_row

Cells = Sequence[str]

_MOST_BELOW = 3
"""Lines of units, types and descriptions that a header may have below it."""
_COMPARED_ROWS = 3
"""Rows with which a header of numbers is compared."""


@dataclass(frozen=True, slots=True)
class TableStructure:
    """Places of records. ``header``: None if the table has none; ``joined``: the header has two lines."""

    header: int | None
    data: int
    width: int
    joined: bool = False
    below: int = 0
    """Records between the header and the data that are neither."""
    sure: bool = True
    """Whether a missing header is certain, as times and texts in its place show."""


def find_table(records: Sequence[Cells]) -> TableStructure | None:
    """The table in ``records``, whose first ones may be titles and whose last ones notes; None if there is none."""
    width = _table_width(records)
    full = [place for place, cells in enumerate(records) if _is_full(cells, width)]
    if not full:
        return None
    kinds = _column_kinds([records[place] for place in full], width)
    data = next((place for number, place in enumerate(full) if _is_data(records[place], kinds, number)), None)
    if data is None:
        return _text_table(records, full, width)
    above = [place for place in full if place < data]
    if not above:
        return _table_without_names(records, full, kinds, width)
    rows = [records[place] for place in full if place >= data]
    data = next(
        place for place in range(above[0] + 1, data + 1) if place == data or _may_be_data(records[place], rows, kinds)
    )
    return _table_with_header(
        records, [place for place in range(above[0], data) if _filled(records[place])], data, width
    )


def _table_width(records: Sequence[Cells]) -> int:
    """The number of columns of most records, without those at the end that are empty everywhere."""
    lengths = Counter(len(cells) for cells in records if len(_filled(cells)) > 1)
    most = lengths.most_common(1)[0][0] if lengths else 1
    return max((_last_filled(cells) for cells in records if len(cells) == most), default=1) or 1


def _is_full(cells: Cells, width: int) -> bool:
    """Whether a record fills the width, so far that it is no title."""
    enough = max(min(2, width), (width + 1) // 2)
    return len(cells) >= width and _last_filled(cells) <= width and len(_filled(cells)) >= enough


def _column_kinds(rows: Sequence[Cells], width: int) -> list[CellKind]:
    share = 0.8 if len(rows) > 9 else 0.5
    return [column_kind([row[column] for row in rows], share) for column in range(width)]


def _is_data(cells: Cells, kinds: Sequence[CellKind], before: int) -> bool:
    """Whether the cells are of their columns' kinds: all of them in the first record, most of them in later ones."""
    typed = [(cell_kind(cell), kind) for cell, kind in zip(cells, kinds, strict=False) if kind != "text"]
    fitting = sum(found == kind for found, kind in typed)
    differing = sum(found == "text" for found, _ in typed)
    return fitting > 0 and differing <= (len(typed) // 5 if before > _MOST_BELOW else 0)


def _may_be_data(cells: Cells, rows: Sequence[Cells], kinds: Sequence[CellKind]) -> bool:
    """Whether a record above ``rows`` has no text where numbers or times are due, or a time or a text as they have."""
    if not _filled(cells):
        return False
    typed = [(cell_kind(cell), kind) for cell, kind in zip(cells, kinds, strict=False) if kind != "text"]
    if ("time", "time") in typed or all(found != "text" for found, _ in typed):
        return True
    texts = [column for column in _text_columns(kinds) if column < len(cells)]
    return any(_is_like_values(cells[column], [row[column] for row in rows]) for column in texts)


def _text_table(records: Sequence[Cells], full: Sequence[int], width: int) -> TableStructure:
    """A table without numbers and times: its first record is the header, unless its texts are values."""
    first = full[0]
    rows = [records[place] for place in full[1:]]
    if _repeats_values(records[first], rows, range(width)):
        return TableStructure(None, first, width)
    units = [is_unit_row(row) for row in (records[first + 1], *rows[1:2])] if len(full) > 2 else []
    below = 1 if units == [True, False] else 0
    return TableStructure(first, first + 1 + below, width, below=below)


def _repeats_values(cells: Cells, rows: Sequence[Cells], columns: Sequence[int]) -> bool:
    """Whether a cell of ``columns`` stands in its own column again, or has the shape of all values below it."""
    if any(_filled(row) == _filled(cells) for row in rows):
        return False
    return any(_is_like_values(cells[column], [row[column] for row in rows]) for column in columns)


def _text_columns(kinds: Sequence[CellKind]) -> list[int]:
    return [column for column, kind in enumerate(kinds) if kind == "text"]


def _is_like_values(cell: str, values: Sequence[str]) -> bool:
    texts = [value for value in values if value.strip()]
    if not cell.strip() or not texts:
        return False
    alike = any(char.isdigit() for char in cell) and all(cell_shape(text) == cell_shape(cell) for text in texts)
    return (alike and len(texts) > 1) or texts.count(cell) > len(texts) // 20


def _table_without_names(
    records: Sequence[Cells], full: Sequence[int], kinds: Sequence[CellKind], width: int
) -> TableStructure:
    """The first record is like the data: a header only if its numbers are a sequence."""
    first, cells = full[0], records[full[0]]
    rows = [records[place] for place in full[1:]]
    text_again = _repeats_values(cells, rows, _text_columns(kinds))
    times = any(kind == "time" and cell_kind(cell) == "time" for cell, kind in zip(cells, kinds, strict=False))
    like_rows = all(is_sequence(_numbers(row)) for row in rows[:_COMPARED_ROWS])
    if not times and not text_again and is_sequence(_numbers(cells)) and not like_rows:
        return TableStructure(first, full[1], width)
    above = records[first - 1] if first else ()
    if len(above) == width - 1 and all(cell_kind(cell) == "text" for cell in above):
        return TableStructure(first - 1, first, width)
    return TableStructure(None, first, width, sure=times or text_again or "text" not in kinds)


def _numbers(cells: Cells) -> list[str]:
    return [cell for cell in cells if cell_kind(cell) == "number"]


def _table_with_header(records: Sequence[Cells], above: Sequence[int], data: int, width: int) -> TableStructure:
    """The header is the first record above the data that is none of the titles; units may be below it."""
    first, last = above[0], above[-1]
    if len(above) == 2 and _joins(records[first], records[last], width):
        return TableStructure(first, data, width, joined=True)
    names = records[last][:width]
    if all(cell.strip() for cell in names) and len(set(names)) == width and _is_better_header(records, above):
        return TableStructure(last, data, width)
    if len(above) - 1 <= _MOST_BELOW:
        return TableStructure(first, data, width, below=len(above) - 1)
    return TableStructure(None, data, width)


def _is_better_header(records: Sequence[Cells], above: Sequence[int]) -> bool:
    """Whether the last of several lines above the data is the header, and the first a title that is as wide.

    It names more columns, or has names only where the first has a number or a time.
    """
    first, last = records[above[0]], records[above[-1]]
    fuller = len(_filled(last)) > len(_filled(first))
    values = [{cell_kind(cell) for cell in _filled(cells)} & {"number", "time"} for cells in (first, last)]
    return (fuller or (bool(values[0]) and not values[1])) and not is_unit_row(last)


def _joins(upper: Cells, lower: Cells, width: int) -> bool:
    """Whether two lines are one header: the lower one names the columns that the upper one leaves without a name."""
    if len(lower) < width or is_unit_row(lower):
        return False
    gaps = [column for column in range(width) if not upper[column].strip()]
    return any(lower[column].strip() for column in gaps)


def join_header_lines(upper: Cells, lower: Cells, width: int) -> tuple[str, ...]:
    """One name of the group above, which holds up to the next group, and the name below it."""
    names, group = [], ""
    for column in range(width):
        group = upper[column].strip() or group
        names.append(" ".join(dict.fromkeys(part for part in (group, lower[column].strip()) if part)))
    return tuple(name or f"column_{number}" for number, name in enumerate(names, 1))


def _filled(cells: Cells) -> list[str]:
    return [cell for cell in cells if cell.strip()]


def _last_filled(cells: Cells) -> int:
    return max((number for number, cell in enumerate(cells, 1) if cell.strip()), default=0)
