"""The ledger: the lake's own record of what was fetched, what became of it, and what was published."""

from citylake.pipelines.lake.ledger.lake_ledger import Ledger

__all__ = ["Ledger"]
