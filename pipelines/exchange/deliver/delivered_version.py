"""What is delivered: one version of a mart's tables or of a dataset, as relations of a DuckDB connection."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from citylake.pipelines.lake.delta_table import delta_version
from citylake.pipelines.marts.make.delta_views import create_standard_view
from citylake.pipelines.marts.make.mart_engine import MartEngine, sql_identifier, sql_literal
from citylake.pipelines.marts.publish import mart_leases
from citylake.pipelines.read.mart_reader import published_pointer
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.delivery import Delivery
from citylake.schemas.read.contract_columns import elements_by_column
from citylake.schemas.read.delivered_tables import delivered_key, delivered_names
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

    from citylake.pipelines.context import RunContext

_ATTACHED = "_published"


@dataclass(frozen=True, slots=True)
class DeliveredColumn:
    """A column as the receiver gets it. ``kind``: its type in DuckDB; ``unit`` as declared."""

    name: str
    kind: str
    element: str | None = None
    title: LocalizedText | None = None
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class DeliveredTableVersion:
    """One table. ``relation``: the SQL that reads it; ``key``: the columns that tell its rows apart, if any."""

    table: str
    name: str
    relation: str
    columns: tuple[DeliveredColumn, ...]
    key: tuple[str, ...]
    title: LocalizedText

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [column.name for column in self.columns]


@dataclass(frozen=True, slots=True)
class DeliveredVersion:
    """``version``: the name of what is delivered; ``folder``: a private folder that the connection may write to."""

    version: str
    timezone: str
    tables: tuple[DeliveredTableVersion, ...]
    connection: DuckDBPyConnection
    folder: str


@contextmanager
def open_delivered_version(context: RunContext, delivery: Delivery) -> Iterator[DeliveredVersion]:
    """The newest version of what is delivered. A lease protects a mart's file.

    Raises MART_NOT_PUBLISHED or DELIVERY_WITHOUT_DATA.
    """
    zone = context.registry.workspace.settings.timezone
    zones = ("standard", "marts", "deliveries")
    with MartEngine(context.lake, zone, context.budget.engine, zones) as engine, ExitStack() as held:
        connection = held.enter_context(engine.room())
        # Rows go in the order of their keys, so that the same version gives the same bytes.
        connection.execute("SET threads = 1")
        open_subject = _open_mart if delivery.mart else _open_dataset
        version, relations = open_subject(context, delivery, connection, engine.folder, held)
        tables = tuple(
            _table_version(context, delivery, connection, table, relation) for table, relation in relations.items()
        )
        yield DeliveredVersion(version, zone, tables, connection, engine.folder)


def _open_mart(
    context: RunContext, delivery: Delivery, connection: DuckDBPyConnection, folder: str, held: ExitStack
) -> tuple[str, dict[str, str]]:
    lake, mart = context.lake, delivery.mart or ""
    pointer = published_pointer(lake, mart)
    if lease := mart_leases.acquire_lease(lake, mart, pointer.version):
        held.callback(mart_leases.release_lease, lake, lease, os.getpid())
    path = f"{lake.mart(mart)}/{pointer.file}"
    if not lake.local:
        lake.fs.get_file(path, path := f"{folder}/{pointer.file}")
    connection.execute(f"ATTACH {sql_literal(path)} AS {_ATTACHED} (READ_ONLY)")
    tables = delivered_names(delivery, context.registry)
    return pointer.version, {table: sql_identifier(_ATTACHED, "main", table) for table in tables}


def _open_dataset(
    context: RunContext, delivery: Delivery, connection: DuckDBPyConnection, _folder: str, _held: ExitStack
) -> tuple[str, dict[str, str]]:
    dataset = delivery.dataset or ""
    version = delta_version(context.lake, context.lake.standard(dataset))
    if version < 0:
        raise CitylakeError("DELIVERY_WITHOUT_DATA", delivery=delivery.delivery, dataset=dataset)
    create_standard_view(connection, context.lake, context.registry, dataset, None, version)
    return f"v{version:08d}", {dataset: sql_identifier(*dataset.split("."))}


def _table_version(
    context: RunContext, delivery: Delivery, connection: DuckDBPyConnection, table: str, relation: str
) -> DeliveredTableVersion:
    registry = context.registry
    described = connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    stored = {name: kind for name, kind, *_ in described}
    chosen = delivery.tables[table].columns if table in delivery.tables else ()
    # Provenance and partitions of a standard table are the lake's own.
    names = chosen or [name for name in stored if not name.startswith("_")]
    return DeliveredTableVersion(
        table,
        delivered_names(delivery, registry)[table],
        relation,
        tuple(_column(context, delivery, table, name, stored[name]) for name in names),
        delivered_key(delivery, table, registry),
        registry.marts[delivery.mart].tables[table].title if delivery.mart else registry.contracts[table].title,
    )


def _column(context: RunContext, delivery: Delivery, table: str, name: str, kind: str) -> DeliveredColumn:
    registry = context.registry
    if delivery.dataset:
        element = elements_by_column(registry.contracts[delivery.dataset], registry).get(name)
        text, unit = None, None
    else:
        meaning = registry.marts[delivery.mart or ""].tables[table].columns.get(name)
        element = registry.elements.get(meaning.element) if meaning and meaning.element else None
        text, unit = (meaning.text, meaning.unit) if meaning else (None, None)
    if element is None:
        return DeliveredColumn(name, kind, None, text, unit)
    return DeliveredColumn(name, kind, element.id, element.name, element.unit)
