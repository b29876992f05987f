"""A comparison of two versions of a mart as text: the summary, the causes, then examples cell by cell."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

from rich.table import Column, Table

from citylake.pipelines.cli.shared_options import make_console
from citylake.pipelines.cli.terminal_text import print_text
from citylake.pipelines.history.diff.cause_text import cause_text, kind_text
from citylake.pipelines.history.diff.diff_frame import cell_text
from citylake.pipelines.history.diff.diff_result import (
    CellChange,
    MartDifference,
    NumberedCause,
    TableDifference,
)
from citylake.pipelines.history.diff.run_diff import OpenDifference
from citylake.schemas.words.message_catalogue import translate_key

_MOST_CAUSES = 30
_COLUMNS = ("table", "status", "key", "column", "before", "after", "why")


def print_difference(found: MartDifference) -> None:
    """Print all of it."""
    _say("versions", mart=found.after.mart, **_versions(found))
    for note in found.notes:
        print_text(translate_key(note))
    if found.is_empty:
        _say("nothing")
        return
    for table in found.tables:
        _print_table(table)
    _print_causes(found)
    for table in found.tables:
        if table.examples:
            _print_examples(table)


def sheet_columns() -> list[str]:
    """The headings of a file with every changed cell."""
    return [translate_key(f"diff.column_{name}") for name in _COLUMNS]


def sheet_rows(found: OpenDifference) -> Iterator[list[Any]]:
    """Its rows."""
    texts = {each.number: cause_text(each.cause) for each in found.result.causes}
    for cell in found.cells():
        status = translate_key(f"diff.status_{cell.status}")
        key, why = _key_text(cell.key), "; ".join(texts[number] for number in cell.causes)
        values = (each if isinstance(each, int | float) else cell_text(each) for each in (cell.before, cell.after))
        yield [cell.table, status, key, cell.column, *values, why]


def _versions(found: MartDifference) -> dict[str, str]:
    told = {}
    for name, each in (("before", found.before), ("after", found.after)):
        told[name] = each.version
        told[f"{name}_at"] = f"{each.published_at.astimezone(ZoneInfo(found.timezone)):%Y-%m-%d %H:%M}"
    return told


def _print_table(table: TableDifference) -> None:
    counts = {
        name: f"{getattr(table, name):,}" for name in ("added", "removed", "changed", "rows_before", "rows_after")
    }
    _say("table" if table.status == "both" else f"table_{table.status}", table=table.table, **counts)
    for column in table.columns:
        numbers = {"largest": _number(column.largest), "median": _number(column.median)}
        key = "column" if column.largest is None else "column_numbers"
        told = translate_key(f"diff.{key}", column=column.column, rows=f"{column.rows:,}", **numbers)
        if column.emptied or column.filled:
            told += translate_key("diff.column_empty", emptied=column.emptied, filled=column.filled)
        print_text(told)
    for name in ("columns_added", "columns_removed"):
        if listed := getattr(table, name):
            _say(name, names=", ".join(listed))
    if table.causes:
        _say("shape_causes", causes=", ".join(f"[{number}]" for number in table.causes))
    if not table.traced and (table.added or table.removed or table.changed):
        _say("untraced")


def _print_causes(found: MartDifference) -> None:
    print_text("")
    _say("causes")
    for each in found.causes[:_MOST_CAUSES]:
        _print_cause(each)
    if len(found.causes) > _MOST_CAUSES:
        _say("more_causes", count=len(found.causes) - _MOST_CAUSES)


def _print_cause(each: NumberedCause) -> None:
    cause = each.cause
    _say("cause", number=each.number, text=f"{kind_text(cause)} · {cause_text(cause)}")
    reached = {table: cells for table, cells in each.cells.items() if cells}
    if reached:
        listed = ", ".join(translate_key("diff.cells_of_table", table=t, cells=f"{n:,}") for t, n in reached.items())
        _say("cells", tables=listed)
    if cause.days:
        _say("days", days=_days_text(cause.days))
    if cause.rows:
        _say("rows", added=cause.rows.added, removed=cause.rows.removed, changed=cause.rows.changed)
    for inner in cause.because:
        _say("because", text=cause_text(inner))
    for file in (file for part in (cause, *cause.because) for file in part.files):
        _say("file", path=file.path)
        for line in file.lines:
            print_text(f"      {line}")
        if file.cut:
            _say("more_lines", count=file.cut)


def _print_examples(table: TableDifference) -> None:
    total = sum(column.rows for column in table.columns) + table.added + table.removed
    print_text("")
    _say("examples", table=table.table, shown=len(table.examples), total=f"{total:,}")
    names = ("key", "column", "before", "after", "why")
    headings = (Column(translate_key(f"diff.column_{name}"), overflow="fold") for name in names)
    shown = Table(*headings, box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for cell in table.examples:
        column = cell.column or translate_key(f"diff.row_{cell.status}")
        values = (_shown(cell, each) for each in (cell.before, cell.after))
        shown.add_row(_key_text(cell.key), column, *values, " ".join(f"[{number}]" for number in cell.causes))
    make_console().print(shown)


def _shown(cell: CellChange, value: Any) -> str:
    if not cell.column and isinstance(value, dict):
        return ", ".join(f"{name}={_number(each)}" for name, each in value.items())
    return _number(value)


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else cell_text(value) or ""


def _key_text(key: Mapping[str, Any]) -> str:
    return ", ".join(cell_text(value) or "—" for value in key.values())


def _days_text(days: Iterable[date]) -> str:
    """Days as spans: ``2026-03-01 … 2026-03-04, 2026-03-09``."""
    ordered = sorted(days)
    ends = [first for first, second in pairwise(ordered) if (second - first).days > 1] + ordered[-1:]
    starts = ordered[:1] + [second for first, second in pairwise(ordered) if (second - first).days > 1]
    spans = zip(starts, ends, strict=True)
    return ", ".join(f"{first}" if first == last else f"{first} … {last}" for first, last in spans)


def _say(key: str, **values: Any) -> None:
    print_text(translate_key(f"diff.{key}", **values))
