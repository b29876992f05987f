"""The settings of the connector ``ngsi_ld``."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from citylake.schemas.base.declaration import Declaration
from citylake.schemas.model.formats import AnyFormat, JsonFormat
from citylake.schemas.model.source.http_base import HttpBase
from citylake.schemas.model.source.source_base import is_json_document

NgsiApi = Literal["ld", "v2"]


class GeoQuery(Declaration):
    """A geographic query: ``georel: near;maxDistance==2000``, ``geometry: Point``, ``coordinates: "[113.1,23.1]"``.

    NGSIv2 takes ``coordinates`` as latitude and longitude: ``"23.1,113.1"``.
    """

    georel: str
    geometry: str
    coordinates: str
    geoproperty: str | None = None

    def params(self, api: NgsiApi) -> dict[str, str]:
        """The query's parameters."""
        told = {"georel": self.georel, "geometry": self.geometry}
        told["coordinates" if api == "ld" else "coords"] = self.coordinates
        return told | ({"geoproperty": self.geoproperty} if self.geoproperty else {})


class NgsiLdSource(HttpBase):
    """The current state of the entities of one type.

    ``url`` is the broker's address, below which ``/ngsi-ld/v1`` is, or ``/v2`` for ``api: v2``.
    ``form: normalized`` has each attribute with its unit and time (columns ``pm25.value``, ``pm25.unitCode``,
    ``pm25.observedAt``), ``keyValues`` only its value. ``context`` is the URL of the JSON-LD context that defines
    short names. A tenant is named in ``headers``: ``NGSILD-Tenant`` or ``Fiware-Service``.
    """

    connector: Literal["ngsi_ld"]
    format: AnyFormat = JsonFormat()
    api: NgsiApi = "ld"
    type: str
    q: str | None = None
    """A condition: ``dateObserved>=2026-03-01T00:00:00Z``."""
    attrs: tuple[str, ...] = ()
    geo: GeoQuery | None = None
    form: Literal["normalized", "keyValues"] = "normalized"
    context: str | None = None
    page_size: int = Field(500, ge=1, le=1000)
    """Entities per page; brokers refuse more than 1000, some even fewer."""
    max_pages: int = Field(100_000, gt=0)

    def resource_path(self) -> str:
        """The entities of the type."""
        return f"{'v2' if self.api == 'v2' else 'ngsi-ld/v1'}/entities/{self.type}"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if not is_json_document(self.format):
            raise ValueError("brokers answer with JSON documents")
        if self.api == "v2" and (self.context or (self.geo and self.geo.geoproperty)):
            raise ValueError("context and geoproperty are of NGSI-LD, not of NGSIv2")
        return self
