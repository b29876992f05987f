"""The generic paged service, as municipal portals have it."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.declaration import Declaration
from schemas.source.base import is_document
from schemas.source.http import HttpBase


class Paging(Declaration):
    """How to get the next page, and how one knows that there is none.

    ``page``: ``param`` counts from ``first``; ``offset``: ``param`` counts records from 0; ``cursor``: ``param`` takes
    the value at ``next``; ``link``: the URL at ``next``, or in the header ``Link``, of the same origin only.
    ``size_param``/``size`` ask for the page's length. ``total`` is the path of the declared count of records; pages by
    number or offset without it end at the first empty page.
    """

    by: Literal["page", "offset", "cursor", "link"]
    param: str | None = None
    first: int = 1
    size_param: str | None = None
    size: int | None = None
    next: str | None = None
    total: str | None = None
    max_pages: int = Field(100_000, gt=0)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.by != "link" and not self.param:
            raise ValueError(f"paging by {self.by} needs param")
        if self.by == "cursor" and not self.next:
            raise ValueError("paging by cursor needs next")
        return self


class RestPagedSource(HttpBase):
    """GET, page after page, each a JSON document."""

    connector: Literal["rest_paged"]
    params: dict[str, str | int] = {}
    paging: Paging

    @model_validator(mode="after")
    def _pages_are_documents(self) -> Self:
        if not is_document(self.format):
            raise ValueError("paging needs a JSON format")
        return self
