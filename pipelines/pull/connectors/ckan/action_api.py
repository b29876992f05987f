"""CKAN's action API: requests, and checks of the responses."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from citylake.pipelines.pull.connectors.ckan.ckan_source import CkanSource
from citylake.pipelines.pull.http.error_message import find_error_message
from citylake.pipelines.pull.http.http_client import HttpClient
from citylake.pipelines.pull.http.http_request import HttpRequest, JsonPage
from citylake.pipelines.pull.http.json_document import as_object_list
from citylake.pipelines.pull.http.rate_limit import TransientError
from citylake.schemas.words.errors import CitylakeError

_FINAL = frozenset({"Authorization Error", "Not Found Error", "Validation Error"})


@dataclass(frozen=True, slots=True)
class CkanPortal:
    """A portal as one contract uses it."""

    asker: HttpClient
    source: CkanSource

    @staticmethod
    def search(source: CkanSource, resource: str | None, **params: Any) -> HttpRequest:
        """A request for rows of a table; values other than texts and numbers are sent as JSON."""
        filters = params.pop("filters", None) or source.filters
        asked = {"resource_id": resource, **({"filters": filters} if filters else {}), **params}
        return _action_request(source, "datastore_search", asked)

    @staticmethod
    def show(source: CkanSource) -> HttpRequest:
        """A request for the metadata of the resource, or of its package."""
        if source.resource:
            return _action_request(source, "resource_show", {"id": source.resource})
        return _action_request(source, "package_show", {"id": source.package})

    def page(self, ask: HttpRequest) -> JsonPage:
        """The response to an action; raises HTTP_FAILED_INSIDE if its envelope reports an error."""
        return self.asker.page(ask, self._check)

    def rows(self, ask: HttpRequest) -> JsonPage:
        """The response to a search: a success with a list of records, also an empty one; raises HTTP_FAILED_INSIDE."""
        return self.asker.page(ask, self._check_rows)

    def resource(self) -> dict[str, Any]:
        """The metadata of the contract's resource; raises RESOURCE_UNKNOWN."""
        result: dict[str, Any] = self.page(self.show(self.source)).document["result"]
        if self.source.resource:
            return result
        listed = result.get("resources") or []
        found = [resource for resource in listed if resource.get("name") == self.source.name]
        if len(found) == 1:
            return dict(found[0])
        names = ", ".join(str(resource.get("name") or resource.get("id")) for resource in listed) or "—"
        told = {"package": self.source.package, "name": self.source.name, "found": len(found), "names": names}
        raise CitylakeError("RESOURCE_UNKNOWN", source=self.asker.shown, **told)

    def _check_rows(self, page: JsonPage) -> None:
        self._check(page)
        found = page.document["result"]
        # A missing list is not the end of the table: its end is unknown.
        if as_object_list(found.get("records")) is None:
            said = self.asker.redact(f"records = {found.get('records')!r}")[:200]
            raise TransientError("HTTP_FAILED_INSIDE", source=self.asker.shown, page=1, message=said)

    def _check(self, page: JsonPage) -> None:
        found = page.document if isinstance(page.document, dict) else {}
        if found.get("success") is True and isinstance(found.get("result"), dict):
            return
        message = self.asker.redact(find_error_message(found) or f"success = {found.get('success')!r}")[:200]
        error = found.get("error")
        final = isinstance(error, dict) and error.get("__type") in _FINAL
        kind = CitylakeError if final else TransientError
        raise kind("HTTP_FAILED_INSIDE", source=self.asker.shown, page=1, message=message)


def _action_request(source: CkanSource, action: str, params: dict[str, Any]) -> HttpRequest:
    texts = {
        name: value if isinstance(value, str | int) and not isinstance(value, bool) else json.dumps(value)
        for name, value in params.items()
    }
    return HttpRequest(f"{source.url.rstrip('/')}/api/3/action/{action}", texts)
