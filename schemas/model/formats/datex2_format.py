"""DATEX II publications."""

from __future__ import annotations

from typing import Literal

from citylake.schemas.model.formats.format_base import SourceFormat


class Datex2Format(SourceFormat):
    """DATEX II v2 or v3 XML: measured data joined to their site table, a row a measured value.

    A document is known by its content: measured data and the site table may come in one file or in two, plain or gzip.
    """

    type: Literal["datex2"] = "datex2"
