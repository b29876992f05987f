"""Reads what stewards have filled in: a workbook, CSV or YAML with the columns of an export."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import polars as pl
import yaml

from citylake.pipelines.acts.steward_columns import COLUMNS, NEEDED, column_of
from citylake.pipelines.read.spreadsheet_csv import rearm_formula
from citylake.schemas.words.errors import CitylakeError

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
FILLED_SCHEMA: Final = pl.Schema(
    {
        "sheet": pl.String(),
        "line": pl.Int64(),
        "column": pl.String(),
        **dict.fromkeys(("dataset", "row_id", "field", "value_now", "correct_value", "why"), pl.String()),
    }
)
"""A filled line: its place (``sheet`` and ``line`` from 1, ``column`` of the right value), and what it says.

Texts are as the lake has them, without what protects a spreadsheet from them; empty cells are null.
"""
_READ = ("dataset", "row_id", "field", "value_now", "correct_value", "why")


def read_correction_file(path: Path) -> pl.DataFrame:
    """Return the lines with a right value, in order (``FILLED_SCHEMA``); the others are no corrections.

    Raises CORRECTIONS_UNREADABLE if it is no workbook, CSV or YAML, or no part of it has the columns of an export.
    """
    if not path.is_file():
        raise CitylakeError("CORRECTIONS_UNREADABLE", file=path, why="no such file")
    read = _READERS.get(path.suffix.lower())
    if read is None:
        raise CitylakeError("CORRECTIONS_UNREADABLE", file=path, why=f"{path.suffix or path.name}: xlsx, csv, yaml")
    try:
        found: pl.DataFrame = read(path)
    except CitylakeError:
        raise
    except Exception as error:
        # The libraries that read workbooks, CSV and YAML have no common error.
        raise CitylakeError("CORRECTIONS_UNREADABLE", file=path, why=str(error)) from error
    return found.filter(pl.col("correct_value").is_not_null())


def _read_workbook(path: Path) -> pl.DataFrame:
    import fastexcel

    book = fastexcel.read_excel(path)
    parts = []
    for name in book.sheet_names:
        # As text: a number that a steward typed is what the cell shows.
        rows = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
        if rows.height and (layout := _layout([cell or "" for cell in rows.row(0)])):
            parts.append(_filled(rows.slice(1), layout, name))
    return _joined(path, parts)


def _read_csv(path: Path) -> pl.DataFrame:
    reader = csv.reader(io.StringIO(_csv_text(path), newline=""))
    headings = next(reader, [])
    if (layout := _layout(headings)) is None:
        return _joined(path, [])
    width, lines, data = len(headings), [], []
    for row in reader:
        lines.append(reader.line_num)
        data.append([row[place] if place < len(row) else None for place in range(width)])
    schema = {f"c{place}": pl.String for place in range(width)}
    return _filled(pl.DataFrame(data, schema=schema, orient="row"), layout, "", lines)


def _csv_text(path: Path) -> str:
    """A Chinese Excel saves CSV in GB18030 unless it is asked for UTF-8."""
    found = path.read_bytes()
    try:
        return found.decode("utf-8-sig")
    except UnicodeDecodeError:
        return found.decode("gb18030")


def _read_yaml(path: Path) -> pl.DataFrame:
    """Every scalar is read as text: ``0012`` and ``1e5`` stay as they are written."""
    with path.open(encoding="utf-8") as file:
        node = yaml.compose(file, _LOADER)
    rows = [] if node is None else list(_yaml_entries(node))
    if not rows:
        return _joined(path, [])
    data = [[entry.get(key) for key in _READ] for _, entry in rows]
    frame = pl.DataFrame(data, schema={f"c{place}": pl.String for place in range(len(_READ))}, orient="row")
    layout = _Layout({key: place for place, key in enumerate(_READ)})
    return _filled(frame, layout, "", [line for line, _ in rows], plain=True)


def _yaml_entries(node: yaml.Node) -> Iterator[tuple[int, Mapping[str, str | None]]]:
    """The line and the texts of each entry of the list ``corrections``."""
    if not isinstance(node, yaml.MappingNode):
        return
    for key, entries in node.value:
        if key.value == "corrections" and isinstance(entries, yaml.SequenceNode):
            for entry in entries.value:
                if isinstance(entry, yaml.MappingNode):
                    yield entry.start_mark.line + 1, _yaml_texts(entry)


def _yaml_texts(entry: yaml.MappingNode) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    source: dict[str, str | None] = {}
    for key, value in entry.value:
        if isinstance(value, yaml.ScalarNode):
            plain = not value.style and value.value in ("", "null", "~")
            found[key.value] = None if plain else value.value
        elif key.value == "source" and isinstance(value, yaml.MappingNode):
            source = _yaml_texts(value)
    if found.get("value_now") is None and found.get("field"):
        found["value_now"] = source.get(found["field"] or "")
    return found


@dataclass(frozen=True, slots=True)
class _Layout:
    """The places of the columns, and those of the source's fields."""

    columns: Mapping[str, int]
    fields: Mapping[str, int] = field(default_factory=dict)


def _layout(headings: Sequence[str]) -> _Layout | None:
    """None if the columns are not those of an export. A source's field may have the name of one: it comes later."""
    columns: dict[str, int] = {}
    fields: dict[str, int] = {}
    for place, heading in enumerate(map(rearm_formula, headings)):
        if (key := column_of(heading)) and key not in columns:
            columns[key] = place
        else:
            fields.setdefault(heading, place)
    return _Layout(columns, fields) if set(NEEDED) <= set(columns) else None


def _filled(
    rows: pl.DataFrame, layout: _Layout, sheet: str, lines: Sequence[int] = (), *, plain: bool = False
) -> pl.DataFrame:
    """The lines with a right value."""
    numbers = pl.Series("line", lines, pl.Int64) if lines else pl.int_range(2, rows.height + 2, dtype=pl.Int64)
    column = _letter(layout.columns["correct_value"]) if sheet else "correct_value"
    names = [f"c{place}" for place in range(rows.width)]
    cells = rows.rename(dict(zip(rows.columns, names, strict=True))).with_columns(
        pl.lit(sheet).alias("sheet"), numbers.alias("line"), pl.lit(column).alias("column")
    )
    entry = pl.col(f"c{layout.columns['correct_value']}")
    filled = cells.filter(entry.fill_null("").str.strip_chars() != "")
    if not plain:
        filled = filled.with_columns(_rearmed(name) for name in names)
    columns = {key: pl.col(f"c{place}") for key, place in layout.columns.items() if key in _READ}
    missing = {key: pl.lit(None, pl.String) for key in _READ if key not in columns}
    said = filled.with_columns(**columns, **missing)
    return said.with_columns(_value_of_field(said, layout)).select(FILLED_SCHEMA.names()).cast(FILLED_SCHEMA)


def _rearmed(name: str) -> pl.Expr:
    return pl.col(name).map_elements(rearm_formula, return_dtype=pl.String).replace("", None)


def _value_of_field(said: pl.DataFrame, layout: _Layout) -> pl.Expr:
    """``value_now`` of a line whose field the steward has chosen: what the source's column shows in it."""
    value = pl.col("value_now")
    for name in said.filter(value.is_null())["field"].unique().drop_nulls():
        if name in layout.fields:
            here = value.is_null() & (pl.col("field") == name)
            value = pl.when(here).then(f"c{layout.fields[name]}").otherwise(value)
    return value.alias("value_now")


def _letter(place: int) -> str:
    letters = ""
    while place >= 0:
        letters, place = chr(ord("A") + place % 26) + letters, place // 26 - 1
    return letters


def _joined(path: Path, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
    if not parts:
        columns = ", ".join(key for key in COLUMNS if key in NEEDED)
        raise CitylakeError("CORRECTIONS_UNREADABLE", file=path, why=f"{columns}: not found")
    return pl.concat(parts)


_READERS: Mapping[str, Any] = {
    ".xlsx": _read_workbook,
    ".csv": _read_csv,
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
}
