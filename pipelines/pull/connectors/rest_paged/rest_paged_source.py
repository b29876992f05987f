"""The settings of the connector ``rest_paged``."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from citylake.schemas.base.declaration import Declaration
from citylake.schemas.model.source.http_base import HttpBase
from citylake.schemas.model.source.source_base import is_json_document

RequestParams = dict[str, str | int | dict[str, str | int]]
"""Parameters. One with members is sent as JSON text, or as an object in a JSON body."""


def _listed(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


class Paging(Declaration):
    """How to request the next page, and when there is none.

    ``page``: ``param`` counts from ``first``; ``offset``: ``param`` counts records from 0; ``cursor``: ``param`` takes
    the value at ``next``; ``link``: the URL at ``next``, or in the header ``Link``, of the same origin only.
    ``size_param``/``size`` set the page's length. A parameter ``biz.page`` is the member ``page`` of the parameter
    ``biz`` if that one has members. ``total`` is the path of the declared count of records; pages by number or
    offset without it end at the first empty page.
    """

    by: Literal["page", "offset", "cursor", "link"]
    param: str | None = None
    first: int = 1
    size_param: str | None = None
    size: int | None = None
    next: str | None = None
    total: str | None = None
    key: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    """Paths, within a record, of a unique key: a key that comes twice means that rows moved."""
    verify: Literal["reread", "none"] | None = None
    """``reread``: every page is read twice, the last one first, and must be equal; the default if no total is
    declared, or a record is on two pages. ``none``: never."""
    max_pages: int = Field(100_000, gt=0)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.by != "link" and not self.param:
            raise ValueError(f"paging by {self.by} needs param")
        if self.by == "cursor" and not self.next:
            raise ValueError("paging by cursor needs next")
        return self


class SignRequest(Declaration):
    """A request before each call, whose response becomes the parameter ``into`` of the call.

    ``url``, a path or an address of the source's origin, is sent the call's parameters (``into`` empty), ``params``,
    and those in the connection's ``sign``, the same way as the call. ``take`` is the path of the signature
    in a JSON response; without it the body is the signature. ``timestamp`` names a parameter of both requests:
    ms since 1970-01-01 UTC.
    """

    url: str
    into: str = "sign"
    params: RequestParams = {}
    take: str | None = None
    timestamp: str | None = None


class RestPagedSource(HttpBase):
    """Pages that are JSON documents.

    ``send`` is where the parameters, also the connection's, are sent: in the URL's ``query`` (GET), or in the body of a
    POST, as a ``form`` or as ``json``.
    """

    connector: Literal["rest_paged"]
    send: Literal["query", "form", "json"] = "query"
    params: RequestParams = {}
    sign: SignRequest | None = None
    paging: Paging

    @model_validator(mode="after")
    def _pages_are_documents(self) -> Self:
        if not is_json_document(self.format):
            raise ValueError("paging needs a JSON format")
        if self.paging.by == "link" and (self.send != "query" or self.sign):
            raise ValueError("links are followed by GET, as they are: neither send nor sign goes with them")
        return self
