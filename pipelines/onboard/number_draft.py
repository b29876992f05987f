"""The number style of a sample's column, and the words of a binding that state it."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from citylake.pipelines.conform.bind.number_evidence import StyleEvidence
from citylake.pipelines.conform.bind.number_notation import read_number_notation
from citylake.pipelines.conform.bind.number_style import NumberStyle
from citylake.schemas.model.element import DataElement


def sample_number_style(element: DataElement, values: Sequence[str]) -> NumberStyle:
    """The style that the values prove; that of computers if they prove none."""
    evidence = StyleEvidence()
    evidence.add(pl.Series(values, dtype=pl.String).str.strip_chars())
    return evidence.decide(NumberStyle(), whole=element.type == "integer")


def read_sample_numbers(element: DataElement, values: Sequence[str]) -> list[float | None]:
    """The numbers of ``values`` in their own style; null for a text that is none, or that names a unit."""
    read = read_number_notation(pl.Series(values, dtype=pl.String), sample_number_style(element, values))
    return read.select(pl.when(pl.col("unit").is_null()).then("number")).to_series().to_list()


def number_style_words(element: DataElement, values: Sequence[str]) -> dict[str, str]:
    """``decimal`` and ``thousands`` of a binding, as far as they are not those of computers."""
    style = sample_number_style(element, values)
    words = {"decimal": style.decimal} if style.decimal != "." else {}
    return words | ({"thousands": style.thousands} if style.thousands else {})
