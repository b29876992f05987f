"""Parquet files."""

from __future__ import annotations

from typing import Literal

from citylake.schemas.model.formats.format_base import SourceFormat


class ParquetFormat(SourceFormat):
    """Parquet, every value as the text that loses nothing of it.

    Floats are the shortest text that reads back as the same number, decimals keep their places, times are ISO 8601
    with ``Z`` where they have a zone, booleans are ``true`` and ``false``, bytes are hexadecimal, lists and structs
    are JSON.
    """

    type: Literal["parquet"] = "parquet"
