"""Acknowledgement of committed receipts at the source: a front-end database marks its rows."""

from __future__ import annotations

from collections.abc import Sequence

from citylake.pipelines.pull.connector_api import PullContext, load_connector
from citylake.pipelines.pull.source_variables import fill_variables
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract


def needs_acknowledgement(contract: Contract) -> bool:
    """Whether the source expects an acknowledgement."""
    return load_connector(contract.source.connector).settles


def acknowledge_receipts(contract: Contract, pulling: PullContext, receipts: Sequence[Receipt]) -> None:
    """Acknowledge every receipt whose rows are in the standard table.

    Raises CitylakeError if the source does not accept it; the next run tries again.
    """
    connector = load_connector(contract.source.connector)
    source = fill_variables(contract.source, pulling.variables)
    for receipt in receipts:
        connector.settle(source, pulling, dict(receipt.state or {}))
