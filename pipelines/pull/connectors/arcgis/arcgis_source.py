"""The settings of the connector ``arcgis``."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, model_validator

from citylake.schemas.model.formats import AnyFormat, ArcgisFormat
from citylake.schemas.model.source.http_base import HttpBase

_BELOW_SERVICE = re.compile(r"/(\d+|query)/?$")


class ArcgisSource(HttpBase):
    """A layer of an ArcGIS FeatureServer or MapServer: ``url`` is the service, ``layer`` the number of the layer.

    The layer's metadata decides how it is paged: by offset, by windows of its object ids, or by ranges of object ids if
    it supports neither.
    """

    connector: Literal["arcgis"]
    format: AnyFormat = ArcgisFormat()
    layer: int = Field(0, ge=0)
    where: str = "1=1"
    """A condition in the SQL of the service."""
    fields: tuple[str, ...] = ()
    """The attributes to request, all if empty; the object id is always requested."""
    page_size: int | None = Field(None, gt=0)
    """Features per page, if the layer's own limit is too large for the service."""
    edited: str | None = None
    """The date attribute with the time of the last change: only features that changed since are requested."""
    overlap_s: int = Field(3600, gt=0)
    """How far before the last known change the next pull begins, s."""

    @property
    def repeats(self) -> str | None:
        """Features that were edited within the overlap come again."""
        return "edited" if self.edited else None

    def resource_path(self) -> str:
        """The layer's number."""
        return str(self.layer)

    @model_validator(mode="after")
    def _is_a_service(self) -> Self:
        if _BELOW_SERVICE.search(self.url):
            raise ValueError("url ends with FeatureServer or MapServer; the layer's number is layer")
        return self
