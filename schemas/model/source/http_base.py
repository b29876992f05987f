"""What the settings of every connector over HTTP share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from citylake.schemas.model.source.source_base import SourceBase


class HttpBase(SourceBase):
    """How a server is asked: as whom, how often, how long, and how much it may send.

    ``connection`` names the credentials (``CITYLAKE_CONN_<ID>``); none is written down here.
    """

    url: str
    headers: dict[str, str] = {}
    connection: str | None = None
    timeout_s: float = Field(30.0, gt=0)
    """The longest silence of the server, s."""
    deadline_s: float = Field(3600.0, gt=0)
    """The longest that one pull may take in all, s."""
    attempts: int = Field(4, gt=0)
    """How often one request is made where its fault may heal."""
    per_second: float = Field(20.0, gt=0)
    """The most requests a second to one host, over all datasets of a run."""
    max_bytes: int = Field(2_000_000_000, gt=0)
    """The most bytes that a pull may bring, unpacked."""
    max_page_bytes: int = Field(256_000_000, gt=0)
    """The most bytes of one page, which is read whole."""
    redirects: Literal["origin", "public", "any"] = "origin"
    """Where redirects may lead: the same scheme, host and port; any public address; also private ones.

    Credentials are never sent to another origin, nor https to http.
    """
    resume_s: int = Field(3600, ge=0)
    """Seconds within which an interrupted pull continues at the page where it stopped. 0: it starts again."""

    def addresses(self) -> Iterator[tuple[str, str]]:
        """The URL."""
        yield "url", self.url
