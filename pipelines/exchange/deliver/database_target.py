"""A front-end database (前置库): the rows of a delivery and its row in ``_citylake_delivery`` in one transaction.

The receiver acknowledges by a time in ``acknowledged_at`` of that row. Tables that do not exist are created.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from citylake.pipelines.exchange.deliver.database_writer import DatabaseWriter
from citylake.pipelines.exchange.deliver.delivered_rows import OPERATION, TableRows
from citylake.pipelines.exchange.deliver.delivered_version import DeliveredVersion
from citylake.pipelines.exchange.deliver.delivery_record import DeliveryRecord
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.pipelines.pull.connectors.database.database_session import open_database
from citylake.pipelines.pull.connectors.database.database_source import DatabaseSource
from citylake.schemas.model.delivery import CONTROL_TABLE, DatabaseTarget, Delivery
from citylake.schemas.words.errors import CitylakeError

_COLUMNS = (
    "delivery_id",
    "number",
    "version",
    "mode",
    "since",
    "row_count",
    "inserted",
    "updated",
    "deleted",
    "sha256",
    "delivered_at",
    "acknowledged_at",
)
"""Of the control table; and ``delivery``, the name of the declaration."""


@contextmanager
def open_database_target(delivery: Delivery) -> Iterator[FrontEndDatabase]:
    """The database, with its control table."""
    target = delivery.target
    assert isinstance(target, DatabaseTarget)
    source = DatabaseSource(
        connector="database",
        connection=target.connection,
        table=CONTROL_TABLE,
        timeout_s=target.timeout_s,
        deadline_s=target.deadline_s,
    )
    made = FrontEndDatabase(delivery, source)
    made.create_control_table()
    yield made


@dataclass(slots=True)
class FrontEndDatabase:
    """Each question and each delivery is one transaction."""

    delivery: Delivery
    source: DatabaseSource

    def create_control_table(self) -> None:
        """Create it if it is not there: in MariaDB and MySQL, creating a table ends a transaction."""
        with self._writing() as writer:
            writer.create_table(CONTROL_TABLE, writer.control_columns(), ("delivery_id",), unique=True)

    def deliveries(self) -> Mapping[str, DeliveryRecord]:
        """The rows of the control table."""
        with self._reading() as writer:
            rows = writer.rows(CONTROL_TABLE, _COLUMNS, self.delivery.delivery)
        made = map(_record_of, rows)
        return {each.delivery_id: each for each in sorted(made, key=lambda each: each.number)}

    def acknowledged(self, delivery_ids: Sequence[str]) -> Mapping[str, datetime]:
        """By the receiver's time."""
        told = self.deliveries() if delivery_ids else {}
        times = {each: told[each].acknowledged_at for each in delivery_ids if each in told}
        return {each: at for each, at in times.items() if at is not None}

    def prepare(self, opened: DeliveredVersion, tables: Sequence[TableRows]) -> str:
        """The rows as texts that the database reads, in the order of their keys; the digest is of all files."""
        digest = hashlib.sha256()
        with self._reading() as writer:
            texts = [[writer.text(column) for column in table.version.columns] for table in tables]
        for table, values in zip(tables, texts, strict=True):
            listed = ", ".join([*([sql_identifier(OPERATION)] if table.changes else []), *values])
            order = ", ".join(map(sql_identifier, table.version.key)) or "ALL"
            file = self._own(opened, table)
            opened.connection.execute(
                f"COPY (SELECT {listed} FROM {table.relation} ORDER BY {order}) TO {sql_literal(str(file))} "
                "(FORMAT parquet)"
            )
            with file.open("rb") as content:
                digest.update(f"{table.version.name} {hashlib.file_digest(content, 'sha256').hexdigest()}\n".encode())
        return digest.hexdigest()

    def deliver(self, opened: DeliveredVersion, tables: Sequence[TableRows], record: DeliveryRecord) -> datetime:
        """One transaction; raises DELIVERY_TABLE_DIFFERS, DELIVERY_NOT_TRANSACTIONAL or DATABASE_…."""
        with self._writing() as writer:
            for table in tables:
                columns = {
                    column.name: writer.column_type(column, table.version.key) for column in table.version.columns
                }
                writer.create_table(table.version.name, columns, table.version.key)
                self._require_columns(writer, table)
        now = datetime.now(UTC)
        with self._writing() as writer:
            # First: of two runs at once the second waits here, and fails.
            writer.insert_control(CONTROL_TABLE, self._control_row(record, now))
            for table in tables:
                writer.apply(table, self._own(opened, table), opened.connection)
        return now

    def _require_columns(self, writer: DatabaseWriter, table: TableRows) -> None:
        missing = [name for name in table.version.names if name not in writer.columns(table.version.name)]
        if missing:
            raise CitylakeError(
                "DELIVERY_TABLE_DIFFERS",
                delivery=self.delivery.delivery,
                table=table.version.name,
                columns=", ".join(missing),
            )
        writer.require_transactions(table.version.name)

    def _control_row(self, record: DeliveryRecord, now: datetime) -> dict[str, str | int | None]:
        return {
            "delivery_id": record.delivery_id,
            "delivery": self.delivery.delivery,
            "number": record.number,
            "version": record.version,
            "mode": record.mode,
            "since": record.since,
            "row_count": record.rows,
            "inserted": record.inserted,
            "updated": record.updated,
            "deleted": record.deleted,
            "sha256": record.sha256,
            "delivered_at": f"{now:%Y-%m-%d %H:%M:%S.%f}",
        }

    @contextmanager
    def _writing(self) -> Iterator[DatabaseWriter]:
        with open_database(self.source, writing=True) as session:
            yield _find_writer(session)

    @contextmanager
    def _reading(self) -> Iterator[DatabaseWriter]:
        with open_database(self.source) as session:
            yield _find_writer(session)

    def _own(self, opened: DeliveredVersion, table: TableRows) -> Path:
        return Path(opened.folder, f"{table.version.name}.parquet")


def _find_writer(session: Any) -> DatabaseWriter:
    """The writer for a session's database. Raises DELIVERY_DATABASE_UNSUPPORTED."""
    dialect = getattr(getattr(session.connection, "dialect", None), "name", "postgresql")
    if dialect == "postgresql":
        from citylake.pipelines.exchange.deliver.postgres_writer import PostgresWriter

        return PostgresWriter(session)
    if dialect in ("mysql", "mariadb"):
        from citylake.pipelines.exchange.deliver.mysql_writer import MysqlWriter

        return MysqlWriter(session)
    raise CitylakeError("DELIVERY_DATABASE_UNSUPPORTED", database=dialect)


def _record_of(row: Sequence[str | None]) -> DeliveryRecord:
    """A record from the texts of the control table, whose times are UTC."""
    told = dict(zip(_COLUMNS, row, strict=True))
    number, rows, inserted, updated, deleted = (
        int(told[name] or 0) for name in ("number", "row_count", "inserted", "updated", "deleted")
    )
    return DeliveryRecord(
        told["delivery_id"] or "",
        number,
        told["version"] or "",
        told["mode"] or "",
        told["since"],
        rows,
        inserted,
        updated,
        deleted,
        told["sha256"] or "",
        _time(told["delivered_at"]),
        _time(told["acknowledged_at"]),
    )


def _time(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
