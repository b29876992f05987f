"""DATEX II publications."""

from __future__ import annotations

from typing import Literal

from schemas.declaration import Declaration


class Datex2Format(Declaration):
    """DATEX II v2 or v3 XML: measured data joined to their site table, a row a measured value."""

    type: Literal["datex2"] = "datex2"
