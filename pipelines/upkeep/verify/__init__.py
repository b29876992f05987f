"""Verification of a lake: ledger against tables against files. It changes nothing but the recorded digests."""
