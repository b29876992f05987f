"""Tables of a database."""

from __future__ import annotations

from typing import Literal

from schemas.formats import ParquetFormat
from schemas.source.base import AnyFormat, SourceBase


class DatabaseSource(SourceBase):
    """Rows of a table or query; ``connection`` names where and as whom."""

    connector: Literal["database"]
    format: AnyFormat = ParquetFormat()
    connection: str
