"""CSV on the Web: ``<table>.csv-metadata.json`` beside each CSV file, and one file for all, with their references."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from citylake.pipelines.exchange.csv_table import CellKind, CsvTable, write_csv_table
from citylake.pipelines.exchange.described_table import DescribedColumn
from citylake.pipelines.exchange.exported_files import ExportFolder, unwritable
from citylake.pipelines.exchange.iris import Iris
from citylake.pipelines.exchange.proven_keys import proven_key, proven_references, required_columns
from citylake.pipelines.exchange.staged_data import StagedTable

CONTEXT: Final = ["http://www.w3.org/ns/csvw", {"@language": "zh"}]
GROUP_FILE: Final = "csv-metadata.json"
_DATATYPES: Final[dict[CellKind, Any]] = {
    "string": "string",
    "integer": "integer",
    "decimal": "decimal",
    "number": "double",
    "date": "date",
    "datetime": "dateTimeStamp",
    "local": "dateTime",
    "time": {"base": "time", "format": "HH:mm:ss.SSSSSS"},
    "boolean": "boolean",
    "binary": "base64Binary",
    "json": "json",
}


def write_csvw(staged: Sequence[StagedTable], folder: ExportFolder, zone: str, iris: Iris) -> None:
    """Write the rows as CSV with their metadata. Raises OUTPUT_UNWRITABLE."""
    tables = [_table(each, folder, zone, iris) for each in staged]
    for table in tables:
        folder.write_json(f"{table['url']}-metadata.json", {"@context": CONTEXT, **table})
    if len(tables) > 1:
        others = {each.described.name: each for each in staged}
        for table, each in zip(tables, staged, strict=True):
            foreign = [
                {
                    "columnReference": list(key.columns),
                    "reference": {"resource": f"{key.table}.csv", "columnReference": list(key.keys)},
                }
                for key in proven_references(each, others)
            ]
            table["tableSchema"] |= {"foreignKeys": foreign} if foreign else {}
        folder.write_json(GROUP_FILE, {"@context": CONTEXT, "tables": tables})


def _table(staged: StagedTable, folder: ExportFolder, zone: str, iris: Iris) -> dict[str, Any]:
    path = folder.place(f"{staged.described.name}.csv")
    try:
        table = write_csv_table(staged.file, path, zone)
    except OSError as error:
        raise unwritable(path, error) from error
    key, required = proven_key(staged), required_columns(staged)
    columns = [
        _column(each, table, iris, required=each.name in required or each.name in key)
        for each in staged.described.columns
    ]
    publisher = {"dc:publisher": staged.contract.owner.department} if staged.contract else {}
    return {
        "url": path.name,
        "dc:title": [_text(staged.described.title.zh, "zh"), _text(staged.described.title.en, "en")],
        **publisher,
        "dialect": {"encoding": "utf-8", "header": True},
        "tableSchema": {"columns": columns, **({"primaryKey": list(key)} if key else {})},
    }


def _column(column: DescribedColumn, table: CsvTable, iris: Iris, *, required: bool) -> dict[str, Any]:
    return {
        "name": column.name,
        "titles": column.name,
        "datatype": _DATATYPES[table.kinds[column.name]],
        "null": [table.null],
        **({"required": True} if required else {}),
        **dict(_meaning(column, iris)),
    }


def _meaning(column: DescribedColumn, iris: Iris) -> Iterator[tuple[str, Any]]:
    if column.title:
        yield "dc:title", [_text(column.title.zh, "zh"), _text(column.title.en, "en")]
    if definition := column.definition:
        yield "dc:description", [_text(definition.zh, "zh"), _text(definition.en, "en")]
    if column.element and column.of is None:
        yield "propertyUrl", iris.of("element", column.element.id)
        yield "dc:identifier", column.element.id
    if column.unit:
        # The code of the unit is UCUM's.
        yield "schema:unitText", column.unit


def _text(value: str, language: str) -> dict[str, str]:
    return {"@value": value, "@language": language}
