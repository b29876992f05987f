"""Socrata portals (SODA)."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from citylake.schemas.model.formats import AnyFormat, PortalFormat
from citylake.schemas.model.source.http_base import HttpBase


class SocrataSource(HttpBase):
    """A dataset of a Socrata portal; ``url`` is the portal's root, an app token comes from ``connection``.

    Version 3 asks by POST, and needs a token. Rows come in the order of ``:id``, page after page by it.
    """

    connector: Literal["socrata"]
    format: AnyFormat = PortalFormat()
    dataset: str = Field(pattern=r"^[a-z0-9]{4}-[a-z0-9]{4}$")
    version: Literal["2.1", "3"] = "2.1"
    select: tuple[str, ...] = ("*",)
    """Columns; ``:id`` is always among what is asked."""
    where: str | None = None
    """A condition in SoQL."""
    size: int = Field(10_000, gt=0)
    """Rows to ask for at once."""
    max_pages: int = Field(100_000, gt=0)
    incremental: Literal[":updated_at"] | None = None
    """Only rows that were changed since the last pull began, and those of ``overlap_s`` before: write them by key.

    Removed rows are not seen. A publisher who replaces the whole dataset marks **every** row as updated: all of them
    come again, under other ``:id`` where the publisher has set no row identifier, and those that are gone stay.
    """
    overlap_s: int = Field(3600, ge=0)
    """How far before the last pull changes are asked for again, s: a change may be seen later than it is dated."""

    def resource_path(self) -> str:
        """The dataset."""
        return f"resource/{self.dataset}"

    @model_validator(mode="after")
    def _has_pages(self) -> Self:
        if not isinstance(self.format, PortalFormat):
            raise ValueError("the format of a Socrata dataset is portal; for a file by its address use http")
        return self
