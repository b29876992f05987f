"""Addresses of a column: each distinct one is standardised once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, Protocol

import polars as pl

from citylake.pipelines.address.standard_address import PARTS, standardise_address
from citylake.pipelines.address.street_address import STREET_PARTS, standardise_street_address

AddressStyle = Literal["zh", "en"]


class WrittenAddress(Protocol):
    """What the addresses of both styles have."""

    @property
    def text(self) -> str:
        """The whole address in one spelling."""

    @property
    def key(self) -> str:
        """What is compared of two addresses."""

    @property
    def street_key(self) -> str:
        """The same for all rooms and units of one house."""


_READERS: dict[AddressStyle, tuple[Callable[[str], WrittenAddress], tuple[str, ...]]] = {
    "zh": (standardise_address, PARTS),
    "en": (standardise_street_address, STREET_PARTS),
}


def address_key(address: pl.Expr, style: AddressStyle = "zh") -> pl.Expr:
    """The key by which two addresses are compared; null where nothing of a street is written.

    Chinese: from the road on, without city and district. English: number, direction, street, type and unit.
    """
    return _mapped(address, style, lambda found: found.key)


def street_key(address: pl.Expr, style: AddressStyle = "zh") -> pl.Expr:
    """The key of the house, the same for all its rooms and units; null where nothing of a street is written."""
    return _mapped(address, style, lambda found: found.street_key)


def address_text(address: pl.Expr, style: AddressStyle = "zh") -> pl.Expr:
    """The address in one spelling; null where nothing is written."""
    return _mapped(address, style, lambda found: found.text)


def address_parts(address: pl.Expr, style: AddressStyle = "zh") -> pl.Expr:
    """A struct of text with the parts of ``StandardAddress`` or ``StreetAddress``, each null if it is not there."""
    read, names = _READERS[style]
    parts = pl.Struct(dict.fromkeys(names, pl.String))

    def split(text: str) -> dict[str, str | None]:
        found = read(text)
        return {name: getattr(found, name) or None for name in names}

    return address.map_batches(lambda values: _once(values, split, parts), return_dtype=parts)


def mapped_once(texts: pl.Expr, read: Callable[[str], str | None]) -> pl.Expr:
    """``read`` of each distinct text of a column; null for null."""
    return texts.map_batches(lambda values: _once(values, read, pl.String()), return_dtype=pl.String)


def _mapped(address: pl.Expr, style: AddressStyle, part: Callable[[WrittenAddress], str]) -> pl.Expr:
    read = _READERS[style][0]
    return mapped_once(address, lambda text: part(read(text)) or None)


def _once(values: pl.Series, read: Callable[[str], object], dtype: pl.DataType) -> pl.Series:
    """``read`` of each distinct value, joined back: addresses repeat, and one takes some 50 microseconds."""
    distinct = values.unique().drop_nulls()
    answers = pl.Series("answer", [read(text) for text in distinct], dtype=dtype)
    known = pl.DataFrame({"text": distinct, "answer": answers})
    joined = values.rename("text").to_frame().join(known, on="text", how="left", maintain_order="left")
    return joined["answer"].rename(values.name)
