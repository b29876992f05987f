"""The settings of the connector ``datex2``."""

from __future__ import annotations

from typing import Literal

from citylake.schemas.model.formats import Datex2Format
from citylake.schemas.model.source.http_base import HttpBase


class Datex2Source(HttpBase):
    """A snapshot of DATEX II measured data and, at ``site_table``, of the measurement sites."""

    connector: Literal["datex2"]
    format: Datex2Format = Datex2Format()
    params: dict[str, str | int] = {}
    site_table: str | None = None
    """URL of the measurement site table, absolute or relative to ``url``; on the same origin."""
