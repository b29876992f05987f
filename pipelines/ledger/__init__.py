"""The ledger: the lake's own record of what was fetched, what became of it, and what was published."""

from pipelines.ledger.ledger import Ledger

__all__ = ["Ledger"]
