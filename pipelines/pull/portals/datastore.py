"""A table in CKAN's datastore."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipelines.pull.connector import State
from pipelines.pull.portals.action import Portal
from pipelines.pull.portals.table import Columns, Slice
from pipelines.pull.web.document import count_of, digest_of


@dataclass(slots=True)
class Datastore:
    """Rows in the order of ``_id``.

    From CKAN 2.12 on an answer has ``next_page``, the filters for the rows behind it; else pages go by offset.
    """

    portal: Portal
    resource: str
    since: int | None = None
    """Only rows with a higher ``_id``."""
    state: State | None = None
    """The last row that came: its ``_id``, and a fingerprint."""
    key: str = "_id"
    records: str | None = "result.records"

    @property
    def shown(self) -> str:
        """The portal's address, and the resource."""
        return f"{self.portal.asker.shown.rstrip('/')} {self.resource}"

    @property
    def max_pages(self) -> int:
        """The most pages of a pull."""
        return self.portal.source.max_pages

    @property
    def filters(self) -> dict[str, Any] | None:
        """The rows that are wanted, all pages together."""
        chosen: dict[str, Any] = dict(self.portal.source.filters)
        if self.since is not None:
            chosen["_id"] = {"gt": self.since}
        return chosen or None

    def go_on_after(self, state: State) -> None:
        """Take only what comes after the row of ``state``, if that row is still what it was: else the table is new."""
        if not state:
            return
        ask = self.portal.search(self.portal.source, self.resource, filters={"_id": state["_id"]}, limit=1)
        found = self.portal.rows(ask).document["result"]["records"]
        if found and _mark(found[0]) == state:
            self.since, self.state = state["_id"], state

    def count(self) -> int | None:
        """The exact number of rows; None where the portal estimates it."""
        ask = self.portal.search(self.portal.source, self.resource, filters=self.filters, limit=0)
        result = self.portal.page(ask).document["result"]
        return None if result.get("total_was_estimated") else count_of(result.get("total"))

    def slice(self, place: State | None, stored: int) -> Slice:
        """The page at ``place``; as long as the portal lets it be."""
        chosen = place or {"filters": self.filters, "offset": 0}
        asked = {"limit": self.portal.source.size, "sort": "_id", "include_total": False, "include_next_page": True}
        if chosen["offset"]:
            asked["offset"] = chosen["offset"]
        page = self.portal.rows(
            self.portal.search(self.portal.source, self.resource, filters=chosen["filters"], **asked)
        )
        result = page.document["result"]
        records = result["records"]
        # A pull that goes on at its last page must still know the row before it.
        self.state = _mark(records[-1]) if records else chosen.get("last") or self.state
        following = _following(result, chosen, len(records))
        by_key = following is not None and following["keyed"]
        return Slice(page, records, _columns(result), {**following, "last": self.state} if following else None, by_key)


def _following(result: Mapping[str, Any], chosen: State, count: int) -> State | None:
    """Where the page after ``chosen`` is: by the portal's key, else by the rows that came, not those asked for."""
    key = result.get("next_page")
    if not count or (not key and chosen.get("keyed")):
        return None
    if key:
        return {"filters": key.get("filters", key), "offset": 0, "keyed": True}
    return {"filters": chosen["filters"], "offset": chosen["offset"] + count, "keyed": False}


def _columns(result: Mapping[str, Any]) -> Columns:
    return tuple((str(column["id"]), str(column.get("type", ""))) for column in result.get("fields") or ())


def _mark(record: Mapping[str, Any]) -> State:
    return {"_id": record.get("_id"), "row": digest_of([dict(record)])[:16]}
