"""The settings of the connector ``http``."""

from __future__ import annotations

from typing import Literal

from citylake.schemas.model.source.http_base import HttpBase


class HttpSource(HttpBase):
    """One GET of one file or document; what did not change since it was committed is not sent again."""

    connector: Literal["http"]
    params: dict[str, str | int] = {}
