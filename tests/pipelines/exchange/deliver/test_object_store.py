"""A lake on an object store delivers as one in a folder does."""

from __future__ import annotations

from pathlib import Path

from citylake.pipelines.lake.lake_zones import Lake
from tests.object_store import BUCKET, s3_url, store
from tests.pipelines.exchange.deliver.conftest import FIRST, FOLDER, Sender, applied, received_files
from tests.trial import Trial

__all__ = ["s3_url", "store"]


class StoreTrial(Trial):
    """Its lake is in the store."""

    @property
    def lake(self) -> Lake:
        return Lake(f"{BUCKET}/deliveries")


def test_changes_of_a_mart_and_of_a_dataset(sender: Sender, exchange: Path, store: str) -> None:
    sender.trial = StoreTrial(sender.trial.root)
    sender.count(FIRST)
    sender.declare("hours", FOLDER, mode="changes", tables={"by_hour": {}})
    assert sender.deliver()[0].status == "delivered"
    sender.count({("A1", 7): 0, ("C3", 9): 2})
    assert sender.deliver()[0].status == "delivered"
    assert [each["mode"] for each in received_files(exchange)] == ["full", "changes"]
    assert applied(exchange) == sender.published
    sender.declare("rows", FOLDER, mart=None, dataset="traffic.cars", mode="changes")
    (record,) = [each.record for each in sender.deliver("rows")]
    assert record
    assert record.rows == len(sender.hours)
