"""Telling a source what was taken, once it is committed: a front-end database marks its rows."""

from __future__ import annotations

from collections.abc import Sequence

from citylake.pipelines.pull.connector_api import PullContext, load_connector
from citylake.pipelines.pull.source_variables import fill_variables
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract


def needs_acknowledgement(contract: Contract) -> bool:
    """Whether its connector has something to tell."""
    return load_connector(contract.source.connector).settles


def acknowledge_receipts(contract: Contract, pulling: PullContext, receipts: Sequence[Receipt]) -> None:
    """Tell the source of every receipt whose rows are in the table.

    Raises CitylakeError where the source does not listen: the next run tells it again.
    """
    connector = load_connector(contract.source.connector)
    source = fill_variables(contract.source, pulling.variables)
    for receipt in receipts:
        connector.settle(source, pulling, dict(receipt.state or {}))
