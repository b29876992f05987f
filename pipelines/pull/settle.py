"""Telling a source what was taken, once it is committed: a front-end database marks its rows."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.pull.connector import Pulling, connector
from pipelines.pull.variables import fill
from pipelines.records import Receipt
from schemas.contract import Contract


def settles(contract: Contract) -> bool:
    """Whether its connector has something to tell."""
    return hasattr(connector(contract.source.connector), "settle")


def settle(contract: Contract, pulling: Pulling, receipts: Sequence[Receipt]) -> None:
    """Tell the source of every receipt whose rows are in the table.

    Raises CitylakeError where the source does not listen: the next run tells it again.
    """
    tell = connector(contract.source.connector).settle  # type: ignore[attr-defined]
    source = fill(contract.source, pulling.variables)
    for receipt in receipts:
        tell(source, pulling, dict(receipt.state or {}))
