"""An exchange folder (交换目录): ``<path>/<delivery id>/`` with data files, their checksums and, last, the manifest.

A folder without a manifest is not complete. The receiver acknowledges with the empty file
``<path>/<delivery id>.done``, before it removes anything.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any

from citylake.pipelines.exchange.deliver.delivered_rows import OPERATION, TableRows
from citylake.pipelines.exchange.deliver.delivered_version import DeliveredVersion
from citylake.pipelines.exchange.deliver.delivery_record import DeliveryRecord
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.schemas.model.delivery import Delivery, FolderTarget
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from citylake.pipelines.context import RunContext

FORMAT = "citylake-delivery/1"
MANIFEST, CHECKSUMS, ACKNOWLEDGED = "manifest.json", "checksums.sha256", ".done"
_COPY = {"csv": "FORMAT csv, HEADER", "parquet": "FORMAT parquet, COMPRESSION zstd"}


@contextmanager
def open_folder_target(context: RunContext, delivery: Delivery) -> Iterator[ExchangeFolder]:
    """The folder, which must exist: a mistyped path would be written to, and read by nobody."""
    target = delivery.target
    assert isinstance(target, FolderTarget)
    path = Path(Template(target.path).safe_substitute(context.variables))
    if "$" in str(path) or not path.is_dir() or not os.access(path, os.W_OK):
        raise CitylakeError("DELIVERY_FOLDER_UNUSABLE", delivery=delivery.delivery, folder=target.path)
    yield ExchangeFolder(delivery, path, target.format)


@dataclass(slots=True)
class ExchangeFolder:
    """The folder of one delivery's declaration; others may use it, too."""

    delivery: Delivery
    path: Path
    format: str

    def deliveries(self) -> Mapping[str, DeliveryRecord]:
        """Those whose manifest is there. A receiver may have removed earlier ones."""
        found = {}
        for manifest in self.path.glob(f"{self.delivery.delivery}-*/{MANIFEST}"):
            told = json.loads(manifest.read_text(encoding="utf-8"))
            if told["delivery"] == self.delivery.delivery:
                at = datetime.fromtimestamp(manifest.stat().st_mtime, UTC)
                found[told["id"]] = replace(_record_of(told), delivered_at=at)
        return dict(sorted(found.items(), key=lambda item: item[1].number))

    def acknowledged(self, delivery_ids: Sequence[str]) -> Mapping[str, datetime]:
        """By the time of the receiver's file."""
        files = {each: self.path / f"{each}{ACKNOWLEDGED}" for each in delivery_ids}
        return {
            each: datetime.fromtimestamp(file.stat().st_mtime, UTC) for each, file in files.items() if file.exists()
        }

    def prepare(self, opened: DeliveredVersion, tables: Sequence[TableRows]) -> str:
        """The files as they will be delivered; the digest is that of the file of checksums."""
        for table in tables:
            columns = ", ".join(map(sql_identifier, table.columns))
            order = ", ".join(map(sql_identifier, (*table.version.key, *([OPERATION] if table.changes else []))))
            select = f"SELECT {columns} FROM {table.relation} ORDER BY {order or 'ALL'}"
            file = sql_literal(str(self._own(opened, table)))
            opened.connection.execute(f"COPY ({select}) TO {file} ({_COPY[self.format]})")
        return hashlib.sha256(self._checksums(opened, tables)).hexdigest()

    def deliver(self, opened: DeliveredVersion, tables: Sequence[TableRows], record: DeliveryRecord) -> datetime:
        """Data files, checksums, manifest: each gets its name when it is complete and durable."""
        folder = self.path / record.delivery_id
        try:
            folder.mkdir(exist_ok=True)
            for table in tables:
                _place(self._own(opened, table), folder / self._file(table))
            _write(folder / CHECKSUMS, self._checksums(opened, tables))
            _write(folder / MANIFEST, self._manifest(opened, tables, record))
            _sync(self.path)
        except OSError as error:
            raise CitylakeError(
                "DELIVERY_FOLDER_FAILED", delivery=self.delivery.delivery, folder=str(folder), why=str(error)
            ) from error
        return datetime.now(UTC)

    def _manifest(self, opened: DeliveredVersion, tables: Sequence[TableRows], record: DeliveryRecord) -> bytes:
        kind, subject = self.delivery.subject
        told = {
            "format": FORMAT,
            "id": record.delivery_id,
            "delivery": self.delivery.delivery,
            "title": self.delivery.title.model_dump(),
            "department": self.delivery.department,
            "number": record.number,
            "mode": record.mode,
            "since": record.since,
            kind: subject,
            "version": record.version,
            "timezone": opened.timezone,
            "rows": record.rows,
            "inserted": record.inserted,
            "updated": record.updated,
            "deleted": record.deleted,
            "sha256": record.sha256,
            "tables": [self._table(opened, table) for table in tables],
        }
        return json.dumps(told, ensure_ascii=False, indent=2).encode() + b"\n"

    def _table(self, opened: DeliveredVersion, table: TableRows) -> dict[str, Any]:
        own = self._own(opened, table)
        columns = [
            {
                "name": column.name,
                "type": column.kind,
                "element": column.element,
                "title": column.title.model_dump() if column.title else None,
                "unit": column.unit,
            }
            for column in table.version.columns
        ]
        return {
            "name": table.version.name,
            "title": table.version.title.model_dump(),
            "file": self._file(table),
            "bytes": own.stat().st_size,
            "sha256": _digest(own),
            "rows": table.rows,
            "key": list(table.version.key),
            "columns": columns,
        }

    def _checksums(self, opened: DeliveredVersion, tables: Sequence[TableRows]) -> bytes:
        """As ``sha256sum --check`` reads them."""
        return "".join(f"{_digest(self._own(opened, table))}  {self._file(table)}\n" for table in tables).encode()

    def _file(self, table: TableRows) -> str:
        return f"{table.version.name}.{self.format}"

    def _own(self, opened: DeliveredVersion, table: TableRows) -> Path:
        return Path(opened.folder, self._file(table))


def _record_of(told: Mapping[str, Any]) -> DeliveryRecord:
    names = ("number", "version", "mode", "since", "rows", "inserted", "updated", "deleted", "sha256")
    return DeliveryRecord(told["id"], **{name: told[name] for name in names})


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _place(own: Path, path: Path) -> None:
    part = path.with_name(f".{path.name}.partial")
    shutil.copyfile(own, part)
    _publish(part, path)


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.partial")
    part.write_bytes(content)
    _publish(part, path)


def _publish(part: Path, path: Path) -> None:
    with part.open("rb") as file:
        os.fsync(file.fileno())
    part.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
