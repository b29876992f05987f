"""The ledger: Delta tables that record receipts, batches, checks and publications. It decides nothing."""

from citylake.pipelines.lake.ledger.lake_ledger import Ledger

__all__ = ["Ledger"]
