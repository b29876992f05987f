"""A portal's table."""

from __future__ import annotations

from typing import Literal

from citylake.schemas.model.formats.format_base import SourceFormat

TABLE_PAGE_PREFIX = "table-"
"""How the file names of landed pages of a portal's table begin."""


class PortalFormat(SourceFormat):
    """Pages of a table of ``ckan`` or ``socrata``, as those connectors land them: with the columns that it declares.

    A declared column is there though no row has a value in it. ``types`` are the portal's types that the contract was
    written for, by field (``{opened: floating_timestamp}``): where the portal tells another, a notice says so.
    """

    type: Literal["portal"] = "portal"
    types: dict[str, str] = {}
