"""Telling a source what was taken, once it is committed: a front-end database marks its rows."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.pull.connector import Pulling, connector
from pipelines.pull.variables import fill
from pipelines.records import Receipt
from schemas.contract import Contract


def settle(contract: Contract, pulling: Pulling, receipts: Sequence[Receipt]) -> None:
    """Tell the source of every receipt whose rows are in the table, where its connector has something to tell.

    Raises CitylakeError where the source does not listen: the next run tells it again.
    """
    tell = getattr(connector(contract.source.connector), "settle", None)
    if tell is None:
        return
    source = fill(contract.source, pulling.variables)
    for receipt in receipts:
        tell(source, pulling, dict(receipt.state or {}))
