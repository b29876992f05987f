"""CKAN portals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from pydantic import Field, model_validator

from citylake.schemas.model.formats import AnyFormat, PortalFormat, SourceFormat
from citylake.schemas.model.formats.portal_format import TABLE_PAGE_PREFIX
from citylake.schemas.model.source.http_base import HttpBase


class CkanSource(HttpBase):
    """A resource of a CKAN portal: its table in the datastore, or its file.

    ``url`` is the portal's root. The resource is told by its id, or by its ``package`` and its ``name`` there. ``auto``
    takes the table, but the file where there is none, or where the portal says that the table is only a part of it.
    ``format`` is the file's; a table has its own.
    """

    connector: Literal["ckan"]
    format: AnyFormat = PortalFormat()
    resource: str | None = None
    package: str | None = None
    name: str | None = None
    mode: Literal["auto", "datastore", "file"] = "auto"
    filters: dict[str, str | int | list[str | int]] = {}
    """Values that rows of the table must have."""
    size: int = Field(10_000, gt=0)
    """Rows to ask for at once; the portal's own limit counts where it is lower."""
    max_pages: int = Field(100_000, gt=0)
    incremental: Literal["_id"] | None = None
    """Only rows that were appended since: those with a higher ``_id``. It needs CKAN 2.12.

    Changed and removed rows are not seen. A table that was filled anew counts its ``_id`` from 1 again: where the last
    row that was taken is no longer what it was, all of the table is taken.
    """

    def layout(self, landed: Sequence[str]) -> SourceFormat:
        """The table's own layout, or the file's."""
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
