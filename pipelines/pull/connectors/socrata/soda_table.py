"""Tables of SODA 2.1 and 3: the same query, as parameters of a GET or as one text in a POST."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from citylake.pipelines.pull.connector_api import PullState
from citylake.pipelines.pull.connectors.socrata.socrata_source import SocrataSource
from citylake.pipelines.pull.http.error_message import find_error_message
from citylake.pipelines.pull.http.http_client import HttpClient
from citylake.pipelines.pull.http.http_request import HttpRequest, JsonPage
from citylake.pipelines.pull.http.json_document import as_object_list, parse_count
from citylake.pipelines.pull.http.rate_limit import TransientError
from citylake.pipelines.pull.portal_table import PortalColumns, TablePage
from citylake.schemas.words.errors import CitylakeError


@dataclass(slots=True)
class SodaTable:
    """Rows in the order of ``:id``: after the last one, or by offset if the response has no ``:id``."""

    asker: HttpClient
    source: SocrataSource
    since: str | None = None
    """Only rows that were updated at this time or later."""
    latest: str | None = None
    """The latest update, requested before the first page."""
    key: str = ":id"
    records: str | None = None

    @property
    def shown(self) -> str:
        """The portal's address, and the dataset."""
        return f"{self.asker.shown.rstrip('/')} {self.source.dataset}"

    @property
    def max_pages(self) -> int:
        """The largest number of pages of a pull."""
        return self.source.max_pages

    def go_on_after(self, state: PullState) -> None:
        """Only rows that were updated since ``state`` less the overlap; raises STATE_UNREADABLE."""
        if not state:
            return
        try:
            moment = datetime.fromisoformat(state["updated_at"]) - timedelta(seconds=self.source.overlap_s)
        except (KeyError, TypeError, ValueError) as error:
            raise CitylakeError("STATE_UNREADABLE", source=self.shown, state=json.dumps(state)) from error
        self.since = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def begin(self) -> int | None:
        """Request the count and the latest update in one query, before the first page; returns the count."""
        row = self._counted(", max(:updated_at) AS latest" if self.source.incremental else "")
        self.latest = row.get("latest")
        return parse_count(row.get("n"))

    def count(self) -> int | None:
        """The exact number of rows."""
        return parse_count(self._counted("").get("n"))

    def slice(self, place: PullState | None, stored: int) -> TablePage:
        """The page at ``place``."""
        if place:
            self.latest = place["latest"]
        page = self._page(soda_rows_request(self.source, self.since, stored, place))
        records: list[Mapping[str, Any]] = page.document
        following = self._following(records, stored)
        return TablePage(page, records, _soda_columns(page), following, bool(following and following["after"]))

    def _following(self, records: list[Mapping[str, Any]], stored: int) -> PullState | None:
        if not records:
            return None
        return {"after": records[-1].get(self.key), "offset": stored + len(records), "latest": self.latest}

    def _counted(self, more: str) -> Mapping[str, Any]:
        page = self._page(_soda_request(self.source, f"count(*) AS n{more}", _soda_where(self.source, self.since), {}))
        found = page.document[0] if page.document else None
        return found if isinstance(found, dict) else {}

    def _page(self, ask: HttpRequest) -> JsonPage:
        return self.asker.page(ask, self._check)

    def _check(self, page: JsonPage) -> None:
        """Check that a page is a list of objects; else it is an error document, or a query still runs (status 202)."""
        if as_object_list(page.document) is not None:
            return
        found = page.document if isinstance(page.document, dict) else {}
        message = self.asker.redact(find_error_message(found) or json.dumps(page.document))[:200]
        raise TransientError("HTTP_FAILED_INSIDE", source=self.shown, page=1, message=message)


def soda_rows_request(
    source: SocrataSource, since: str | None, stored: int, place: PullState | None = None
) -> HttpRequest:
    """The request for the page at ``place``, the first if None."""
    after = place["after"] if place else None
    columns = (":id", *([":updated_at"] if source.incremental else ()), *source.select)
    chosen = ",".join(dict.fromkeys(columns))
    paging: dict[str, str | int] = {"$order": ":id", "$limit": source.size}
    if place and not after:
        paging["$offset"] = stored
    return _soda_request(source, chosen, _soda_where(source, since, after), paging)


def _soda_where(source: SocrataSource, since: str | None, after: str | None = None) -> str:
    behind = after.replace("'", "''") if after else None
    conditions = (
        f"({source.where})" if source.where else None,
        f":updated_at >= '{since}'" if since else None,
        f":id > '{behind}'" if behind else None,
    )
    return " AND ".join(filter(None, conditions))


def _soda_request(source: SocrataSource, select: str, where: str, paging: Mapping[str, str | int]) -> HttpRequest:
    root = source.url.rstrip("/")
    if source.version == "2.1":
        params = {"$select": select, **({"$where": where} if where else {}), **paging}
        return HttpRequest(f"{root}/resource/{source.dataset}.json", params)
    query = f"SELECT {select}{f' WHERE {where}' if where else ''}{' ORDER BY :id' if paging else ''}"
    number = int(paging.get("$offset", 0)) // source.size + 1
    body = {"query": query, "page": {"pageNumber": number, "pageSize": source.size}, "includeSynthetic": False}
    return HttpRequest(f"{root}/api/v3/views/{source.dataset}/query.json", method="POST", body=body)


def _soda_columns(page: JsonPage) -> PortalColumns:
    """The columns of ``X-SODA2-Fields`` and their types; empty if the headers are missing or invalid."""
    try:
        names, types = (json.loads(page.headers.get(f"x-soda2-{part}", "[]")) for part in ("fields", "types"))
    except ValueError:
        return ()
    if not isinstance(names, list) or not isinstance(types, list) or len(names) != len(types):
        return ()
    return tuple((str(name), str(kind)) for name, kind in zip(names, types, strict=True))
