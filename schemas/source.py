"""Where a dataset comes from: one model a connector. ``${NAME}`` in text is filled from the environment."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from schemas.declaration import Declaration
from schemas.formats import Format, JsonFormat


def _named_format(value: Any) -> Any:
    return {"type": value} if isinstance(value, str) else value


def _is_document(form: Format) -> bool:
    return isinstance(form, JsonFormat) and not form.lines


AnyFormat = Annotated[Format, BeforeValidator(_named_format)]


class Envelope(Declaration):
    """When an answer, or a saved one, is a success: the member at ``field`` must equal one of ``success``."""

    field: str
    success: tuple[str | int | bool, ...]
    message: str | None = None
    """Path of the server's own message, shown when it failed."""


class SourceBase(Declaration):
    """What every connector's settings share."""

    format: AnyFormat
    name_fields: str | None = None
    """Regular expression over the file's name (searched for); its named groups become source fields."""
    envelope: Envelope | None = None

    @model_validator(mode="after")
    def _envelopes_are_documents(self) -> Self:
        if self.envelope and not _is_document(self.format):
            raise ValueError("an envelope needs a JSON format")
        return self


class FilesSource(SourceBase):
    """Files by path, glob or URL (``s3://…``, any fsspec scheme); ``member`` picks members of a zip by glob.

    A file's name is its path below the first wildcard. A member's is its path in the zip, after the zip's name and
    ``!`` where ``path`` may match several zips.
    """

    connector: Literal["files"]
    path: str | tuple[str, ...]
    member: str | None = None
    max_bytes: int = Field(50_000_000_000, gt=0)
    """A larger file, or member once unpacked, is refused."""


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


class HttpSource(SourceBase):
    """GET over HTTP. ``connection`` names the credentials (``CITYLAKE_CONN_<ID>``); none is written down here."""

    connector: Literal["http"]
    url: str
    params: dict[str, str | int] = {}
    headers: dict[str, str] = {}
    connection: str | None = None
    paging: Paging | None = None
    timeout_s: float = Field(30.0, gt=0)
    attempts: int = Field(4, gt=0)
    max_bytes: int = Field(2_000_000_000, gt=0)

    @model_validator(mode="after")
    def _pages_are_documents(self) -> Self:
        if self.paging and not _is_document(self.format):
            raise ValueError("paging needs a JSON format")
        return self


Source = Annotated[FilesSource | HttpSource, Field(discriminator="connector")]
