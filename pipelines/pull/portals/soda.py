"""Socrata's SODA, versions 2.1 and 3: the same query, as parameters of a GET or as one text in a POST."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pipelines.pull.connector import State
from pipelines.pull.portals.table import Columns, Slice
from pipelines.pull.web.ask import Ask, Page
from pipelines.pull.web.asker import Asker
from pipelines.pull.web.document import count_of, objects_of
from pipelines.pull.web.said import message_of
from pipelines.pull.web.waiting import PassingError
from schemas.faults import CitylakeError
from schemas.source import SocrataSource


@dataclass(slots=True)
class Soda:
    """Rows in the order of ``:id``: behind the last one's, or by offset where the answer has no ``:id``."""

    asker: Asker
    source: SocrataSource
    since: str | None = None
    """Only rows that were updated then or later."""
    latest: str | None = None
    """When the latest row was updated, asked before the first page."""
    key: str = ":id"
    records: str | None = None

    @property
    def shown(self) -> str:
        """The portal's address, and the dataset."""
        return f"{self.asker.shown.rstrip('/')} {self.source.dataset}"

    @property
    def max_pages(self) -> int:
        """The most pages of a pull."""
        return self.source.max_pages

    def go_on_after(self, state: State) -> None:
        """Take only what was updated since ``state``, and a little before; raises STATE_UNREADABLE."""
        if not state:
            return
        try:
            moment = datetime.fromisoformat(state["updated_at"]) - timedelta(seconds=self.source.overlap_s)
        except (KeyError, TypeError, ValueError) as error:
            raise CitylakeError("STATE_UNREADABLE", source=self.shown, state=json.dumps(state)) from error
        self.since = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def begin(self) -> int | None:
        """The count before the first page, and in the same moment the latest update."""
        row = self._counted(", max(:updated_at) AS latest" if self.source.incremental else "")
        self.latest = row.get("latest")
        return count_of(row.get("n"))

    def count(self) -> int | None:
        """The exact number of rows."""
        return count_of(self._counted("").get("n"))

    def slice(self, place: State | None, stored: int) -> Slice:
        """The page at ``place``."""
        if place:
            self.latest = place["latest"]
        page = self._page(rows_ask(self.source, self.since, stored, place))
        records: list[Mapping[str, Any]] = page.document
        following = self._following(records, stored)
        return Slice(page, records, _columns(page), following, bool(following and following["after"]))

    def _following(self, records: list[Mapping[str, Any]], stored: int) -> State | None:
        if not records:
            return None
        return {"after": records[-1].get(self.key), "offset": stored + len(records), "latest": self.latest}

    def _counted(self, more: str) -> Mapping[str, Any]:
        page = self._page(_ask(self.source, f"count(*) AS n{more}", _where(self.source, self.since), {}))
        found = page.document[0] if page.document else None
        return found if isinstance(found, dict) else {}

    def _page(self, ask: Ask) -> Page:
        return self.asker.page(ask, self._check)

    def _check(self, page: Page) -> None:
        """Rows are a list of objects; what is none is a fault that says so, or a query that still runs (status 202)."""
        if objects_of(page.document) is not None:
            return
        found = page.document if isinstance(page.document, dict) else {}
        message = self.asker.redact(message_of(found) or json.dumps(page.document))[:200]
        raise PassingError("HTTP_FAILED_INSIDE", source=self.shown, page=1, message=message)


def rows_ask(source: SocrataSource, since: str | None, stored: int, place: State | None = None) -> Ask:
    """The page at ``place``; none: the first."""
    after = place["after"] if place else None
    columns = (":id", *([":updated_at"] if source.incremental else ()), *source.select)
    chosen = ",".join(dict.fromkeys(columns))
    paging: dict[str, str | int] = {"$order": ":id", "$limit": source.size}
    if place and not after:
        paging["$offset"] = stored
    return _ask(source, chosen, _where(source, since, after), paging)


def _where(source: SocrataSource, since: str | None, after: str | None = None) -> str:
    behind = after.replace("'", "''") if after else None
    conditions = (
        f"({source.where})" if source.where else None,
        f":updated_at >= '{since}'" if since else None,
        f":id > '{behind}'" if behind else None,
    )
    return " AND ".join(filter(None, conditions))


def _ask(source: SocrataSource, select: str, where: str, paging: Mapping[str, str | int]) -> Ask:
    root = source.url.rstrip("/")
    if source.version == "2.1":
        params = {"$select": select, **({"$where": where} if where else {}), **paging}
        return Ask(f"{root}/resource/{source.dataset}.json", params)
    query = f"SELECT {select}{f' WHERE {where}' if where else ''}{' ORDER BY :id' if paging else ''}"
    number = int(paging.get("$offset", 0)) // source.size + 1
    body = {"query": query, "page": {"pageNumber": number, "pageSize": source.size}, "includeSynthetic": False}
    return Ask(f"{root}/api/v3/views/{source.dataset}/query.json", method="POST", body=body)


def _columns(page: Page) -> Columns:
    """The columns of ``X-SODA2-Fields`` and their types; none where the headers are not there, or no lists."""
    try:
        names, types = (json.loads(page.headers.get(f"x-soda2-{part}", "[]")) for part in ("fields", "types"))
    except ValueError:
        return ()
    if not isinstance(names, list) or not isinstance(types, list) or len(names) != len(types):
        return ()
    return tuple((str(name), str(kind)) for name, kind in zip(names, types, strict=True))
