"""Parquet files."""

from __future__ import annotations

from typing import Literal

from schemas.declaration import Declaration


class ParquetFormat(Declaration):
    """Parquet, every value as the text that loses nothing of it."""

    type: Literal["parquet"] = "parquet"
