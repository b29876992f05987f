"""The settings of the connector ``http``."""

from __future__ import annotations

from typing import Literal

from citylake.schemas.model.source.http_base import HttpBase


class HttpSource(HttpBase):
    """One file or document by GET; it is not sent again if it has not changed since it was committed."""

    connector: Literal["http"]
    params: dict[str, str | int] = {}
