"""ArcGIS feature services."""

from __future__ import annotations

import re
from typing import Literal, Self

from pydantic import Field, model_validator

from citylake.schemas.model.formats import AnyFormat, ArcgisFormat
from citylake.schemas.model.source.http_base import HttpBase

_BELOW_SERVICE = re.compile(r"/(\d+|query)/?$")


class ArcgisSource(HttpBase):
    """A layer of an ArcGIS FeatureServer or MapServer: ``url`` is the service's, ``layer`` the number within it.

    How the layer is paged follows from what it says of itself: by offset, by windows of its object ids, or by spans of
    them where it answers neither.
    """

    connector: Literal["arcgis"]
    format: AnyFormat = ArcgisFormat()
    layer: int = Field(0, ge=0)
    where: str = "1=1"
    """A SQL condition, as the service takes it."""
    fields: tuple[str, ...] = ()
    """The attributes that are asked for (all where there are none); the object id is always among them."""
    page_size: int | None = Field(None, gt=0)
    """Features a page, where the layer's own limit is too many for it."""
    edited: str | None = None
    """The date attribute that tells when a feature was last changed: only what changed since is asked for."""
    overlap_s: int = Field(3600, gt=0)
    """How far before the last change that was seen the next pull begins, s."""

    @property
    def repeats(self) -> str | None:
        """What was edited within the overlap comes again."""
        return "edited" if self.edited else None

    def resource_path(self) -> str:
        """The layer's number."""
        return str(self.layer)

    @model_validator(mode="after")
    def _is_a_service(self) -> Self:
        if _BELOW_SERVICE.search(self.url):
            raise ValueError("url ends with FeatureServer or MapServer; the layer's number is layer")
        return self
