"""The list of forgotten persons: digests of tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import TYPE_CHECKING

from citylake.pipelines.lake.ledger import forgotten_table

if TYPE_CHECKING:
    import polars as pl

    from citylake.pipelines.lake.ledger import Ledger


def token_digest(token: str) -> str:
    """Return the digest by which a token is on the list."""
    return hashlib.sha256(token.encode()).hexdigest()


def forgotten_digests(ledger: Ledger) -> frozenset[str]:
    """Return the digests on the list."""
    return frozenset(ledger.read(forgotten_table.TABLE)["digest"])


def count_under_other_keys(ledger: Ledger, key: str) -> int:
    """Return how many persons were forgotten under another key than ``key``: a new delivery does not recognise them."""
    rows = ledger.read(forgotten_table.TABLE)
    return rows.filter(rows["token_key"] != key)["digest"].n_unique()


def are_forgotten(tokens: pl.Series, digests: Collection[str]) -> pl.Series:
    """Return which of the texts are tokens on the list; false for null."""
    import polars as pl

    found = [each is not None and token_digest(each) in digests for each in tokens.to_list()]
    return pl.Series(tokens.name, found, dtype=pl.Boolean)
