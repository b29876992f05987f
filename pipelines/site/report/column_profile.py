"""The profile of each column of a standard table against its element, from the newest rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.pipelines.site.refusal_summary import is_open_element
from citylake.pipelines.site.report.table_volume import TableVolume, table_volume
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.contract_columns import elements_by_column
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

MAX_ROWS: Final = 20_000
"""Rows of the newest files that a profile reads at most; null counts are of the whole table."""
MAX_COLUMNS: Final = 60
MAX_FILES: Final = 10
_TOP: Final = 5
_MAX_LENGTH: Final = 40
_NUMBERS: Final = ("integer", "decimal")
_SORTED: Final = ("integer", "decimal", "date", "datetime", "time")
_QUANTILES: Final = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
_MEASURES: Final = ("values", "distinct", "least", "most", "quantiles", "outside", "top", "longest")
Measured = dict[str, Any]
ColumnProfile = dict[str, Any]


def profile_table(
    lake: Lake, connection: DuckDBPyConnection, contract: Contract, registry: Registry
) -> tuple[TableVolume, list[ColumnProfile]]:
    """Return the table's volume, and a profile by column in the contract's order.

    A profile has the element, its unit and range, ``rows`` that were read, ``nulls`` and ``total`` of the whole table,
    ``distinct`` (approximate). Of open elements also ``top`` values (most frequent first), ``quantiles``, ``least``,
    ``most`` and ``outside`` (rows outside the element's range); of all others these are None.
    """
    volume = table_volume(lake, lake.standard(contract.dataset))
    columns = list(elements_by_column(contract, registry).items())[:MAX_COLUMNS]
    measured = _measure(connection, volume, columns) if volume.rows else {}
    numbered = enumerate(columns)
    return volume, [_profile(n, column, element, volume, measured) for n, (column, element) in numbered]


def _newest_files(volume: TableVolume) -> list[str]:
    chosen, rows = [], 0
    for file, count in volume.files[:MAX_FILES]:
        chosen.append(file)
        rows += count
        if rows >= MAX_ROWS:
            break
    return chosen


def _measure(
    connection: DuckDBPyConnection, volume: TableVolume, columns: Sequence[tuple[str, DataElement]]
) -> Measured:
    """Return what one statement over the newest files says of all columns. Files without a column count as nulls."""
    files = f"read_parquet([{', '.join(map(sql_literal, _newest_files(volume)))}], union_by_name = true)"
    present = {row[0] for row in connection.execute(f"DESCRIBE SELECT * FROM {files}").fetchall()}
    asked = ["count(*) AS rows_read"]
    for number, (column, element) in enumerate(columns):
        if column in present:
            asked += [f"{what} AS c{number}_{name}" for name, what in _questions(sql_identifier(column), element)]
    found = connection.execute(f"SELECT {', '.join(asked)} FROM (FROM {files} LIMIT {MAX_ROWS})")
    names = [column[0] for column in found.description or ()]
    return dict(zip(names, found.fetchone() or (), strict=True))


def _questions(column: str, element: DataElement) -> list[tuple[str, str]]:
    asked = [("values", f"count({column})"), ("distinct", f"approx_count_distinct({column})")]
    if not is_open_element(element) or element.type in ("geometry", "binary"):
        return asked
    if element.type in _SORTED:
        asked += [("least", f"min({column})::VARCHAR"), ("most", f"max({column})::VARCHAR")]
    if element.type in _NUMBERS:
        asked.append(("quantiles", f"approx_quantile({column}::DOUBLE, {list(_QUANTILES)})"))
        low, high = element.range or (None, None)
        outside = [f"{column} < {low}" if low is not None else "", f"{column} > {high}" if high is not None else ""]
        if wanted := " OR ".join(filter(None, outside)):
            asked.append(("outside", f"count_if({wanted})"))
    if element.type in ("string", "boolean", "integer"):
        text = f"left({column}::VARCHAR, {_MAX_LENGTH})"
        asked.append(("top", f"approx_top_k({text}, {_TOP})"))
        asked.append(("longest", f"max(length({column}::VARCHAR))"))
    return asked


def _profile(number: int, column: str, element: DataElement, volume: TableVolume, measured: Measured) -> ColumnProfile:
    known = {name: measured.get(f"c{number}_{name}") for name in _MEASURES}
    quantiles = known["quantiles"]
    return {
        "column": column,
        "element": element.id,
        "name": element.name.model_dump(),
        "unit": element.unit,
        "type": element.type,
        "range": list(element.range) if element.range else None,
        "codes": element.codes,
        "open": is_open_element(element),
        "total": volume.rows,
        "nulls": volume.nulls.get(column),
        "rows": measured.get("rows_read", 0),
        **known,
        "quantiles": quantiles if quantiles and None not in quantiles else None,
    }
