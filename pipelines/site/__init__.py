"""The lake as pages for a browser: what the ledger says, ready for JSON, and drawn as HTML."""

from citylake.pipelines.site.lake_site import Site

__all__ = ["Site"]
