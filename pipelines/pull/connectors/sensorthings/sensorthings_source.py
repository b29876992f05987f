"""The settings of the connector ``sensorthings``."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from citylake.schemas.model.formats import AnyFormat, JsonFormat
from citylake.schemas.model.source.http_base import HttpBase
from citylake.schemas.model.source.source_base import is_json_document


class SensorthingsSource(HttpBase):
    """Observations of some Datastreams since the last committed one of each; ``url`` is the root: ``…/v1.1``.

    ``datastreams`` are ids, or ``filter`` is the service's ``$filter`` for Datastreams.
    """

    connector: Literal["sensorthings"]
    format: AnyFormat = JsonFormat(records="value", intervals=("phenomenonTime",))
    datastreams: tuple[int | str, ...] = ()
    filter: str | None = None
    since: AwareDatetime | None = None
    """Where the first pull begins; at the first observation if not set."""
    until: Literal["now", "open"] = "now"
    """``now``: observations after the start of the run are left to the next one, so that the count is constant while a
    live Datastream is read. ``open``: for forecasts."""
    overlap_s: int = Field(3600, gt=0)
    """How far before the last known observation the next pull begins, s: some come late, or at the same time."""
    page_size: int = Field(1000, gt=0)
    expand: str | None = "Datastream($select=id,name,unitOfMeasurement)"
    """``$expand``: with it, each observation has its Datastream and unit."""
    links: Literal["verbatim", "rebase"] = "verbatim"
    """``verbatim``: next links are used unchanged, on this origin only; ``rebase``: below ``url`` in any case, for
    a service whose links have an internal address."""
    max_pages: int = Field(100_000, gt=0)

    @property
    def repeats(self) -> str | None:
        """Observations within the overlap come again."""
        return "overlap_s"

    def resource_path(self) -> str:
        """The collection."""
        return "Observations"

    @model_validator(mode="after")
    def _chosen(self) -> Self:
        if bool(self.datastreams) == (self.filter is not None):
            raise ValueError("either datastreams or filter says which observations are wanted")
        if not is_json_document(self.format):
            raise ValueError("observations come as JSON documents")
        return self
