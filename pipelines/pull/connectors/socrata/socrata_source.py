"""The settings of the connector ``socrata``."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from citylake.schemas.model.formats import AnyFormat, PortalFormat
from citylake.schemas.model.source.http_base import HttpBase


class SocrataSource(HttpBase):
    """A dataset of a Socrata portal (SODA); ``url`` is the portal's root, ``connection`` has the app token.

    Version 3 uses POST, and needs a token. Rows are in the order of ``:id``, which is also the page key.
    """

    connector: Literal["socrata"]
    format: AnyFormat = PortalFormat()
    dataset: str = Field(pattern=r"^[a-z0-9]{4}-[a-z0-9]{4}$")
    version: Literal["2.1", "3"] = "2.1"
    select: tuple[str, ...] = ("*",)
    """Columns; ``:id`` is always requested."""
    where: str | None = None
    """A condition in SoQL."""
    size: int = Field(10_000, gt=0)
    """Rows per request."""
    max_pages: int = Field(100_000, gt=0)
    incremental: Literal[":updated_at"] | None = None
    """Only rows that changed since the last pull began, less ``overlap_s``; the write mode must be by key.

    Removed rows are not detected. A publisher who replaces the whole dataset marks **every** row as updated: all rows
    come again, with new ``:id`` if the publisher has set no row identifier, and removed rows stay.
    """
    overlap_s: int = Field(3600, ge=0)
    """How far before the last pull changes are requested again, s: a change may become visible later than its date."""

    def resource_path(self) -> str:
        """The dataset."""
        return f"resource/{self.dataset}"

    @model_validator(mode="after")
    def _has_pages(self) -> Self:
        if not isinstance(self.format, PortalFormat):
            raise ValueError("the format of a Socrata dataset is portal; for a file by its address use http")
        return self
