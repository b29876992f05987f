"""OGC SensorThings services."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from citylake.schemas.model.formats import AnyFormat, JsonFormat
from citylake.schemas.model.source.http_base import HttpBase
from citylake.schemas.model.source.source_base import is_json_document


class SensorthingsSource(HttpBase):
    """Observations of some Datastreams, each since the last one that is committed; ``url`` is the root: ``…/v1.1``.

    The Datastreams are named by their ids, or chosen by ``filter``, as the service takes it for Datastreams.
    """

    connector: Literal["sensorthings"]
    format: AnyFormat = JsonFormat(records="value", intervals=("phenomenonTime",))
    datastreams: tuple[int | str, ...] = ()
    filter: str | None = None
    since: AwareDatetime | None = None
    """Where the first pull begins; at the first observation where it is not given."""
    until: Literal["now", "open"] = "now"
    """``now``: what is later than the run's beginning is left to the next one, so that the count stands still while a
    live Datastream is read. ``open``: for forecasts."""
    overlap_s: int = Field(3600, gt=0)
    """How far before the last observation that was seen the next pull begins, s: some come late, or together."""
    page_size: int = Field(1000, gt=0)
    expand: str | None = "Datastream($select=id,name,unitOfMeasurement)"
    """What each observation brings along, so that it says itself of which Datastream it is, and in which unit."""
    links: Literal["verbatim", "rebase"] = "verbatim"
    """Next links are followed as they come, on this origin only; ``rebase``: below ``url`` wherever they point, for
    a service that names itself by an internal address."""
    max_pages: int = Field(100_000, gt=0)

    @property
    def repeats(self) -> str | None:
        """What was observed within the overlap comes again."""
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
