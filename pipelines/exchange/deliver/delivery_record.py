"""One delivery: its id, what is known of it at its target, and its row in the ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from citylake.pipelines.exchange.deliver.delivered_rows import TableRows
from citylake.schemas.base.declaration import parse_duration
from citylake.schemas.model.delivery import Delivery

if TYPE_CHECKING:
    from citylake.pipelines.lake.ledger import Ledger

WHOLE, CHANGES = "full", "changes"


@dataclass(frozen=True, slots=True)
class DeliveryRecord:
    """What the target and the ledger say of one delivery. Times are aware."""

    delivery_id: str
    number: int
    version: str
    mode: str
    since: str | None
    rows: int
    inserted: int
    updated: int
    deleted: int
    sha256: str
    delivered_at: datetime | None = None
    acknowledged_at: datetime | None = None


def delivery_id(delivery: Delivery, version: str) -> str:
    """The name of the delivery of ``version``: the same again after a crash, another if what is delivered differs.

    It sorts by version: ``<delivery>-<version>-<eight digits>``.
    """
    said = delivery.model_dump_json(include={"delivery", "mart", "dataset", "tables", "target", "mode"})
    return f"{delivery.delivery}-{version}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"


def new_record(
    delivery: Delivery, version: str, number: int, since: str | None, tables: Sequence[TableRows], sha256: str
) -> DeliveryRecord:
    """The record of a delivery that is about to be made."""
    changes = all(table.changes for table in tables)
    return DeliveryRecord(
        delivery_id(delivery, version),
        number,
        version,
        CHANGES if changes else WHOLE,
        since if changes else None,
        sum(table.rows for table in tables),
        sum(table.inserted for table in tables),
        sum(table.updated for table in tables),
        sum(table.deleted for table in tables),
        sha256,
    )


def known_deliveries(ledger: Ledger, delivery: str) -> dict[str, DeliveryRecord]:
    """Return id → the last row of each delivery of a declaration, in the order in which they were made."""
    import polars as pl

    from citylake.pipelines.lake.ledger import deliveries_table

    rows = ledger.scan(deliveries_table.TABLE).filter(pl.col("delivery") == delivery).sort("sequence").collect()
    names = list(DeliveryRecord.__dataclass_fields__)
    found = {row["delivery_id"]: DeliveryRecord(**{name: row[name] for name in names}) for row in rows.to_dicts()}
    return dict(sorted(found.items(), key=lambda item: item[1].number))


def record_delivery(ledger: Ledger, delivery: Delivery, record: DeliveryRecord, run: str) -> None:
    """Store a row of the ledger at once."""
    import polars as pl

    from citylake.pipelines.lake.ledger import deliveries_table
    from citylake.pipelines.lake.ledger.ledger_store import ledger_now

    kind, subject = delivery.subject
    own: dict[str, Any] = {
        "delivery": delivery.delivery,
        "kind": kind,
        "subject": subject,
        "target": delivery.destination,
        "department": delivery.department,
        "run": run,
    }
    row = deliveries_table.delivery_row({**asdict(record), **own}, ledger_now())
    stored = {name: kind for name, kind in deliveries_table.SCHEMA.items() if name != "sequence"}
    ledger.append_frame(deliveries_table.TABLE, pl.DataFrame([row], schema=pl.Schema(stored)))


def acknowledgement_due(delivery: Delivery, record: DeliveryRecord) -> datetime | None:
    """The time by which the receiver should have acknowledged; None if no acknowledgement is expected or it came."""
    if delivery.acknowledge_within is None or record.acknowledged_at or record.delivered_at is None:
        return None
    wait: timedelta = parse_duration(delivery.acknowledge_within)
    return record.delivered_at.astimezone(UTC) + wait
