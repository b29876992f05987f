"""The interface of a target: a front-end database or an exchange folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from citylake.pipelines.exchange.deliver.delivered_rows import TableRows
from citylake.pipelines.exchange.deliver.delivered_version import DeliveredVersion
from citylake.pipelines.exchange.deliver.delivery_record import DeliveryRecord
from citylake.schemas.model.delivery import DatabaseTarget, Delivery

if TYPE_CHECKING:
    from citylake.pipelines.context import RunContext


class DeliveryTarget(Protocol):
    """What a receiver has. Nothing of a delivery is visible to the receiver before all of it is."""

    def deliveries(self) -> Mapping[str, DeliveryRecord]:
        """The deliveries that are at the target, by id, oldest first, as far as the target tells."""

    def acknowledged(self, delivery_ids: Sequence[str]) -> Mapping[str, datetime]:
        """When the receiver acknowledged each of the deliveries; those that it did not are left out."""

    def prepare(self, opened: DeliveredVersion, tables: Sequence[TableRows]) -> str:
        """Write the rows to files of the private folder; return the SHA-256 over them."""

    def deliver(self, opened: DeliveredVersion, tables: Sequence[TableRows], record: DeliveryRecord) -> datetime:
        """Make the prepared rows the receiver's; return when. Raises if any of it failed: then nothing of it is."""


def open_target(context: RunContext, delivery: Delivery) -> AbstractContextManager[DeliveryTarget]:
    """The target that the delivery names. Raises CONNECTION_UNSET, DATABASE_… or DELIVERY_FOLDER_UNUSABLE."""
    if isinstance(delivery.target, DatabaseTarget):
        from citylake.pipelines.exchange.deliver.database_target import open_database_target

        return open_database_target(delivery)
    from citylake.pipelines.exchange.deliver.folder_target import open_folder_target

    return open_folder_target(context, delivery)
