"""A table in CKAN's datastore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from citylake.pipelines.pull.connector_api import PullState
from citylake.pipelines.pull.connectors.ckan.action_api import CkanPortal
from citylake.pipelines.pull.http.json_document import digest_records, parse_count
from citylake.pipelines.pull.portal_table import PortalColumns, TablePage


@dataclass(slots=True)
class CkanDatastore:
    """Rows in the order of ``_id``.

    From CKAN 2.12 on, a response has ``next_page``, the filters for the following rows; else paging is by offset.
    """

    portal: CkanPortal
    resource: str
    since: int | None = None
    """Only rows with a higher ``_id``."""
    state: PullState | None = None
    """The last received row: its ``_id``, and a fingerprint."""
    key: str = "_id"
    records: str | None = "result.records"

    @property
    def shown(self) -> str:
        """The portal's address, and the resource."""
        return f"{self.portal.asker.shown.rstrip('/')} {self.resource}"

    @property
    def max_pages(self) -> int:
        """The largest number of pages of a pull."""
        return self.portal.source.max_pages

    @property
    def filters(self) -> dict[str, Any] | None:
        """The filter for the rows of all pages."""
        chosen: dict[str, Any] = dict(self.portal.source.filters)
        if self.since is not None:
            chosen["_id"] = {"gt": self.since}
        return chosen or None

    def go_on_after(self, state: PullState) -> None:
        """Continue after the row of ``state`` if that row has not changed; else the table was filled anew."""
        if not state:
            return
        ask = self.portal.search(self.portal.source, self.resource, filters={"_id": state["_id"]}, limit=1)
        found = self.portal.rows(ask).document["result"]["records"]
        if found and _record_key(found[0]) == state:
            self.since, self.state = state["_id"], state

    def count(self) -> int | None:
        """The exact number of rows; None if the portal only estimates it."""
        ask = self.portal.search(self.portal.source, self.resource, filters=self.filters, limit=0)
        result = self.portal.page(ask).document["result"]
        return None if result.get("total_was_estimated") else parse_count(result.get("total"))

    def slice(self, place: PullState | None, stored: int) -> TablePage:
        """The page at ``place``, limited by the portal's own page size."""
        chosen = place or {"filters": self.filters, "offset": 0}
        asked = {"limit": self.portal.source.size, "sort": "_id", "include_total": False, "include_next_page": True}
        if chosen["offset"]:
            asked["offset"] = chosen["offset"]
        page = self.portal.rows(
            self.portal.search(self.portal.source, self.resource, filters=chosen["filters"], **asked)
        )
        result = page.document["result"]
        records = result["records"]
        # A pull that is continued at its last page needs the row before it.
        self.state = _record_key(records[-1]) if records else chosen.get("last") or self.state
        following = _next_place(result, chosen, len(records))
        by_key = following is not None and following["keyed"]
        return TablePage(
            page, records, _datastore_columns(result), {**following, "last": self.state} if following else None, by_key
        )


def _next_place(result: Mapping[str, Any], chosen: PullState, count: int) -> PullState | None:
    """The position after ``chosen``: by the portal's key, else by the number of received rows."""
    key = result.get("next_page")
    if not count or (not key and chosen.get("keyed")):
        return None
    if key:
        return {"filters": key.get("filters", key), "offset": 0, "keyed": True}
    return {"filters": chosen["filters"], "offset": chosen["offset"] + count, "keyed": False}


def _datastore_columns(result: Mapping[str, Any]) -> PortalColumns:
    return tuple((str(column["id"]), str(column.get("type", ""))) for column in result.get("fields") or ())


def _record_key(record: Mapping[str, Any]) -> PullState:
    return {"_id": record.get("_id"), "row": digest_records([dict(record)])[:16]}
