"""The lake as pages for a browser: what the ledger says, ready for JSON, and drawn as HTML."""

from pipelines.pages.site import Site

__all__ = ["Site"]
