"""CSV that other programs read exactly: UTF-8, ISO 8601 with zone, and a text for null that no value has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import polars as pl
import polars.selectors as cs

CellKind = Literal[
    "string", "integer", "decimal", "number", "date", "datetime", "local", "time", "boolean", "binary", "json",
]  # fmt: skip
"""What the text of a cell is. ``decimal`` is exact, ``number`` a float; ``local`` a time without a zone."""
_LAST_MARKS: Final = 1000


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A CSV file that was written: the kind of each column, and the text of a null."""

    file: Path
    kinds: dict[str, CellKind]
    null: str


def write_csv_table(parquet: Path, file: Path, zone: str) -> CsvTable:
    """Write the rows of ``parquet`` as CSV, no value changed. Times have the offset of ``zone``.

    Raises OSError.
    """
    rows = pl.scan_parquet(parquet)
    kinds = {name: cell_kind(kind) for name, kind in rows.collect_schema().items()}
    texts = rows.select(*(_text(name, kind, zone) for name, kind in kinds.items()))
    null = _null_mark(texts, kinds)
    texts.sink_csv(file, null_value=null)
    return CsvTable(file, kinds, null)


def cell_kind(kind: pl.DataType) -> CellKind:
    """The kind of cells of a column type."""
    if isinstance(kind, pl.Datetime):
        return "datetime" if kind.time_zone else "local"
    if isinstance(kind, pl.Decimal):
        return "integer" if kind.scale == 0 else "decimal"
    if isinstance(kind, pl.List | pl.Array | pl.Struct):
        return "json"
    if kind.is_integer():
        return "integer"
    if kind.is_float():
        return "number"
    named: dict[type[pl.DataType], CellKind] = {
        pl.Date: "date", pl.Time: "time", pl.Boolean: "boolean", pl.Binary: "binary",
    }  # fmt: skip
    return named.get(type(kind), "string")


def _text(name: str, kind: CellKind, zone: str) -> pl.Expr:
    value = pl.col(name)
    match kind:
        case "datetime":
            return _zoned_text(value, zone)
        case "local":
            return value.dt.strftime("%Y-%m-%dT%H:%M:%S%.f")
        case "time":
            return value.dt.strftime("%H:%M:%S%.f")
        case "number":
            return value.cast(pl.String).replace({"inf": "INF", "-inf": "-INF"})
        case "binary":
            return value.bin.encode("base64")
        case "json":
            # {"NAME":VALUE} without the name.
            whole = pl.struct(name).struct.json_encode()
            return pl.when(value.is_not_null()).then(whole.str.slice(len(name) + 4).str.head(-1)).alias(name)
    return value.cast(pl.String)


def _zoned_text(value: pl.Expr, zone: str) -> pl.Expr:
    """ISO 8601 in the zone; in UTC where the offset has seconds, as before there was standard time."""
    local, form = value.dt.convert_time_zone(zone), "%Y-%m-%dT%H:%M:%S%.f%:z"
    offset = local.dt.base_utc_offset() + local.dt.dst_offset()
    whole = offset.dt.total_seconds() % 60 == 0
    return pl.when(whole).then(local.dt.strftime(form)).otherwise(value.dt.convert_time_zone("UTC").dt.strftime(form))


def _null_mark(texts: pl.LazyFrame, kinds: dict[str, CellKind]) -> str:
    """A text that no cell has. It is nothing, unless a text is empty, or a row is: readers skip blank lines."""
    own = [name for name, kind in kinds.items() if kind in ("string", "binary")]
    blank = texts.select(pl.all_horizontal(pl.all().is_null()).any()).collect(engine="streaming").item()
    for mark in _marks():
        found = texts.select(pl.any_horizontal(cs.by_name(*own) == mark).any()) if own else None
        taken = found is not None and found.collect(engine="streaming").item()
        if not taken and (mark or not blank):
            return mark
    raise AssertionError("no mark")  # pragma: no cover


def _marks() -> Iterator[str]:
    yield from ("", "NULL", "NA")
    yield from (f"NULL{number}" for number in range(1, _LAST_MARKS))
