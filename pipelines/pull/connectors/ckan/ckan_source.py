"""The settings of the connector ``ckan``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from citylake.schemas.model.formats import AnyFormat, PortalFormat, SourceFormat
from citylake.schemas.model.formats.portal_format import TABLE_PAGE_PREFIX
from citylake.schemas.model.source.http_base import HttpBase


class CkanSource(HttpBase):
    """A resource of a CKAN portal: its table in the datastore, or its file.

    ``url`` is the portal's root. ``resource`` is the id, or ``package`` and ``name`` identify the resource. ``auto``
    uses the table, but the file if there is no table, or if the portal declares the table incomplete.
    ``format`` is the format of the file; a table has its own.
    """

    connector: Literal["ckan"]
    format: AnyFormat = PortalFormat()
    resource: str | None = None
    package: str | None = None
    name: str | None = None
    mode: Literal["auto", "datastore", "file"] = "auto"
    filters: dict[str, str | int | list[str | int]] = {}
    """Values by field: only rows with these values are requested."""
    size: int = Field(10_000, gt=0)
    """Rows per request; the portal's own limit applies if it is lower."""
    max_pages: int = Field(100_000, gt=0)
    incremental: Literal["_id"] | None = None
    """Only rows that were appended since: those with a higher ``_id``. It needs CKAN 2.12.

    Changed and removed rows are not detected. A table that was filled anew counts its ``_id`` from 1 again: if the last
    row of the previous pull has changed, the whole table is fetched.
    """

    def layout(self, landed: Sequence[str]) -> SourceFormat:
        """``portal`` for the table, else the format of the file."""
        table = any(path.rsplit("/", 1)[-1].startswith(TABLE_PAGE_PREFIX) for path in landed[:1])
        return PortalFormat() if table and not isinstance(self.format, PortalFormat) else self.format

    def resource_path(self) -> str:
        """The resource."""
        return f"resource/{self.resource or f'{self.package}/{self.name}'}"

    @model_validator(mode="after")
    def _names_one_resource(self) -> Self:
        if (self.resource is None) == (self.package is None) or (self.package is None) != (self.name is None):
            raise ValueError("a resource is told by resource alone, or by package and name")
        if self.mode == "file" and isinstance(self.format, PortalFormat):
            raise ValueError("a file needs its format")
        if self.incremental and self.mode != "datastore":
            raise ValueError("incremental needs mode: datastore")
        return self
