"""Frictionless Data Package, version 2: ``datapackage.json`` beside CSV files, with a table schema for each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from citylake.pipelines.exchange.csv_table import CellKind, CsvTable, write_csv_table
from citylake.pipelines.exchange.described_table import DescribedColumn, ForeignKey
from citylake.pipelines.exchange.exported_files import ExportFolder, sha256_of, unwritable
from citylake.pipelines.exchange.iris import Iris
from citylake.pipelines.exchange.proven_keys import proven_key, proven_references, required_columns
from citylake.pipelines.exchange.staged_data import StagedTable

PROFILE: Final = "https://datapackage.org/profiles/2.0/datapackage.json"
SCHEMA_PROFILE: Final = "https://datapackage.org/profiles/2.0/tableschema.json"
FILE_NAME: Final = "datapackage.json"
ELEMENT_KEY, UNIT_KEY, PROTECTION_KEY, KIND_KEY = (
    "citylake:element", "citylake:unit", "citylake:protection", "citylake:type",
)  # fmt: skip
_TYPES: Final[dict[CellKind, dict[str, Any]]] = {
    "string": {"type": "string"},
    "integer": {"type": "integer"},
    "decimal": {"type": "number"},
    "number": {"type": "number"},
    "date": {"type": "date", "format": "default"},
    "datetime": {"type": "datetime", "format": "default"},
    "local": {"type": "datetime", "format": "default"},
    "time": {"type": "time", "format": "default"},
    "boolean": {"type": "boolean", "trueValues": ["true"], "falseValues": ["false"]},
    "binary": {"type": "string", "format": "binary"},
    "json": {"type": "any"},
}


def write_package(staged: Sequence[StagedTable], folder: ExportFolder, name: str, zone: str, iris: Iris) -> Path:
    """Write the rows as CSV and their description; ``name``: of the package. Raises OUTPUT_UNWRITABLE."""
    others = {each.described.name: each for each in staged}
    resources = [_resource(each, others, folder, zone, iris) for each in staged]
    document = {"$schema": PROFILE, "name": name, **dict(_about(staged, name, iris)), "resources": resources}
    return folder.write_json(FILE_NAME, document)


def _about(staged: Sequence[StagedTable], name: str, iris: Iris) -> Iterator[tuple[str, Any]]:
    """What is said of the package: it is one mart, one dataset, or several datasets."""
    first = staged[0]
    yield "id", iris.of("mart" if first.mart else "dataset", name)
    if first.mart:
        yield from (("title", first.mart.title.zh), ("description", first.mart.title.en))
    elif first.contract and len(staged) == 1:
        yield from (("title", first.contract.title.zh), ("description", first.contract.title.en))
        yield "contributors", [{"title": first.contract.owner.department, "roles": ["publisher"]}]


def _resource(
    staged: StagedTable, others: Mapping[str, StagedTable], folder: ExportFolder, zone: str, iris: Iris
) -> dict[str, Any]:
    name = staged.described.name
    path = folder.place(f"{name}.csv")
    try:
        table = write_csv_table(staged.file, path, zone)
    except OSError as error:
        raise unwritable(path, error) from error
    return {
        "name": name,
        "type": "table",
        "path": path.name,
        "title": staged.described.title.zh,
        "description": staged.described.title.en,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": path.stat().st_size,
        "hash": f"sha256:{sha256_of(path)}",
        "dialect": {"delimiter": ",", "lineTerminator": "\n", "quoteChar": '"', "doubleQuote": True},
        "schema": table_schema(staged, table, proven_references(staged, others), iris),
        **({"citylake:left_out": list(staged.described.left_out)} if staged.described.left_out else {}),
    }


def table_schema(staged: StagedTable, table: CsvTable, references: Sequence[ForeignKey], iris: Iris) -> dict[str, Any]:
    """The table schema of a CSV file. Only keys and required fields that the rows keep are stated."""
    required, key = required_columns(staged), proven_key(staged)
    fields = [
        _field(each, table.kinds[each.name], iris, required=each.name in required or each.name in key)
        for each in staged.described.columns
    ]
    foreign = [
        {"fields": list(each.columns), "reference": {"resource": each.table, "fields": list(each.keys)}}
        for each in references
    ]
    return {
        "$schema": SCHEMA_PROFILE,
        "fields": fields,
        "missingValues": [table.null],
        **({"primaryKey": list(key)} if key else {}),
        **({"foreignKeys": foreign} if foreign else {}),
    }


def _field(column: DescribedColumn, kind: CellKind, iris: Iris, *, required: bool) -> dict[str, Any]:
    return {
        "name": column.name,
        **_TYPES[kind],
        **dict(_meaning(column, iris)),
        **({"constraints": {"required": True}} if required else {}),
    }


def _meaning(column: DescribedColumn, iris: Iris) -> Iterator[tuple[str, Any]]:
    if column.title:
        yield "title", column.title.zh
    if definition := column.definition:
        yield "description", f"{definition.zh}\n{definition.en}"
    if column.element and column.of is None:
        yield "rdfType", iris.of("element", column.element.id)
        yield ELEMENT_KEY, column.element.id
    if column.type:
        yield KIND_KEY, column.type
    if column.unit:
        yield UNIT_KEY, column.unit
    if column.protection != "none":
        yield PROTECTION_KEY, column.protection
