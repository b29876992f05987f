"""The lake as web pages: documents from the ledger, ready for JSON, and their HTML; nothing here writes."""

from citylake.pipelines.site.lake_site import Site

__all__ = ["Site"]
