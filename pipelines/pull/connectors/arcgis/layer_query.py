"""Queries to one layer, and checks of the responses."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from citylake.pipelines.pull.connectors.arcgis.layer_metadata import LayerMetadata
from citylake.pipelines.pull.http.http_client import HttpClient
from citylake.pipelines.pull.http.http_request import HttpRequest, JsonPage
from citylake.pipelines.pull.http.json_document import as_object_list, parse_count
from citylake.pipelines.pull.http.rate_limit import TransientError
from citylake.schemas.words.errors import CitylakeError

_NO_TOKEN = (498, 499)
_PASSING = 500
_EXACT_FLOAT = 2.0**53
"""Below this, a float is exactly one whole number."""
JSON_FORMAT: Mapping[str, str | int] = {"f": "json"}
PageExtractor = Callable[[JsonPage], Any]
"""Reads something from a page; None if it is not there."""


@dataclass(frozen=True, slots=True)
class LayerQuery:
    """The features of ``layer`` at ``url`` for which ``where`` holds, with the attributes ``fields``."""

    asker: HttpClient
    url: str
    layer: LayerMetadata
    where: str
    fields: str

    def count(self) -> int | None:
        """The number of features; None if the server sends something else."""
        return parse_count(self._answer(returnCountOnly="true").document.get("count"))

    def ids(self) -> array[int] | None:
        """The object ids in ascending order; None if the server sends something else."""
        document = self._answer(_has_object_ids, returnIdsOnly="true").document
        if "objectIds" not in document:
            return None
        return array("q", sorted(int(each) for each in document["objectIds"] or ()))

    def page(self, condition: str | None = None, **params: str | int) -> JsonPage:
        """The features for which ``condition`` holds too."""
        where = f"({self.where}) AND {condition}" if condition else self.where
        return self._answer(page_features, outFields=self.fields, **{"where": where, **params})

    def keys(self, page: JsonPage) -> list[Any]:
        """The object ids on a page; raises ARCGIS_NO_ATTRIBUTE if a feature has none."""
        found = attribute_values(page_features(page), self.layer.key, self.layer.shown)
        return [int(each) if _is_whole_number(each) else each for each in found]

    def _answer(self, find: PageExtractor | None = None, **params: str | int) -> JsonPage:
        ask = HttpRequest(f"{self.url}/query", {"where": self.where, **params, **JSON_FORMAT})
        return request_arcgis(self.asker, ask, find)


def request_arcgis(asker: HttpClient, ask: HttpRequest, find: PageExtractor | None = None) -> JsonPage:
    """The response, an object; raises ARCGIS_TOKEN or ARCGIS_FAILED if it reports an error with status 200."""

    def checked(page: JsonPage) -> None:
        document = page.document
        if not isinstance(document, dict):
            raise _arcgis_error(asker, TransientError, "-", type(document).__name__)
        if "error" in document:
            _raise_arcgis_error(asker, document["error"])
        if find is not None and find(page) is None:
            raise _arcgis_error(asker, TransientError, "-", asker.redact(", ".join(document) or "{}")[:200])

    return asker.page(ask, checked)


def page_features(page: JsonPage) -> Sequence[dict[str, Any]] | None:
    """The features of a page; None if it has no list of features."""
    return as_object_list(page.document.get("features"))


def _has_object_ids(page: JsonPage) -> bool | None:
    """True if the page has a list of object ids or none at all; None if the list has other values.

    Some servers write whole numbers as floats: ``6.4579816E7``.
    """
    found = page.document.get("objectIds") or []
    return True if isinstance(found, list) and all(map(_is_whole_number, found)) else None


def _is_whole_number(value: Any) -> bool:
    return type(value) is int or (isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_FLOAT)


def exceeded_transfer_limit(page: JsonPage) -> bool | None:
    """Whether the server has more features than the page; None if it does not say."""
    said = page.document.get("exceededTransferLimit")
    return said if isinstance(said, bool) else None


def attribute_values(rows: Sequence[dict[str, Any]] | None, name: str, shown: str) -> list[Any]:
    """The values of the attribute ``name``, whose case may differ; raises ARCGIS_NO_ATTRIBUTE."""
    found = []
    written = name
    for row in rows or ():
        attributes = row.get("attributes")
        attributes = attributes if isinstance(attributes, dict) else {}
        if written not in attributes:
            written = next((other for other in attributes if other.casefold() == name.casefold()), "")
        if written not in attributes:
            raise CitylakeError("ARCGIS_NO_ATTRIBUTE", source=shown, attribute=name)
        found.append(attributes[written])
    return found


def _raise_arcgis_error(asker: HttpClient, error: Any) -> None:
    told = error if isinstance(error, dict) else {"message": str(error)}
    code = parse_count(told.get("code"))
    details = [str(detail) for detail in told.get("details") or () if detail]
    message = asker.redact("; ".join(dict.fromkeys([str(told.get("message") or "-"), *details])))[:200]
    if code in _NO_TOKEN:
        connection = asker.source.connection or "-"
        raise CitylakeError("ARCGIS_TOKEN", source=asker.shown, error=code, message=message, connection=connection)
    kind = TransientError if code is None or code >= _PASSING else CitylakeError
    raise _arcgis_error(asker, kind, code if code is not None else "-", message)


def _arcgis_error(asker: HttpClient, kind: type[CitylakeError], code: Any, message: str) -> CitylakeError:
    return kind("ARCGIS_FAILED", source=asker.shown, error=code, message=message)
