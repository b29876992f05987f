"""Questions to one layer, and answers that are what was asked for."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipelines.pull.arcgis.layer import Layer
from pipelines.pull.web.ask import Ask, Page
from pipelines.pull.web.asker import Asker
from pipelines.pull.web.document import count_of, objects_of
from pipelines.pull.web.waiting import PassingError
from schemas.faults import CitylakeError

_NO_TOKEN = (498, 499)
_PASSING = 500
JSON: Mapping[str, str | int] = {"f": "json"}
Find = Callable[[Page], Any]
"""What is looked for on a page; None where it is not there."""


@dataclass(frozen=True, slots=True)
class Query:
    """The features of ``layer`` at ``url`` for which ``where`` holds, with the attributes ``fields``."""

    asker: Asker
    url: str
    layer: Layer
    where: str
    fields: str

    def count(self) -> int | None:
        """How many there are; None where the server sends something else instead."""
        return count_of(self._answer(returnCountOnly="true").document.get("count"))

    def ids(self) -> array[int] | None:
        """Their object ids, ascending; None where the server sends something else instead."""
        document = self._answer(_ids, returnIdsOnly="true").document
        if "objectIds" not in document:
            return None
        return array("q", sorted(document["objectIds"] or ()))

    def page(self, condition: str | None = None, **params: str | int) -> Page:
        """Some of the features, those for which ``condition`` holds too."""
        where = f"({self.where}) AND {condition}" if condition else self.where
        return self._answer(features, outFields=self.fields, **{"where": where, **params})

    def keys(self, page: Page) -> list[Any]:
        """The object ids on a page; raises ARCGIS_NO_ATTRIBUTE where a feature has none."""
        return values(features(page), self.layer.key, self.layer.shown)

    def _answer(self, find: Find | None = None, **params: str | int) -> Page:
        ask = Ask(f"{self.url}/query", {"where": self.where, **params, **JSON})
        return answered(self.asker, ask, find)


def answered(asker: Asker, ask: Ask, find: Find | None = None) -> Page:
    """The answer, an object; raises ARCGIS_TOKEN or ARCGIS_FAILED where it tells of a failure under status 200."""

    def checked(page: Page) -> None:
        document = page.document
        if not isinstance(document, dict):
            raise _failed(asker, PassingError, "-", type(document).__name__)
        if "error" in document:
            _refuse(asker, document["error"])
        if find is not None and find(page) is None:
            raise _failed(asker, PassingError, "-", asker.redact(", ".join(document) or "{}")[:200])

    return asker.page(ask, checked)


def features(page: Page) -> Sequence[dict[str, Any]] | None:
    """The features of a page; None where it has no list of them."""
    return objects_of(page.document.get("features"))


def _ids(page: Page) -> bool | None:
    """Whether the page is without object ids, or has a list of them; None where what it has are none."""
    found = page.document.get("objectIds") or []
    return True if isinstance(found, list) and all(type(each) is int for each in found) else None


def exceeded(page: Page) -> bool | None:
    """Whether there are more than the page could hold; None where the server does not say."""
    said = page.document.get("exceededTransferLimit")
    return said if isinstance(said, bool) else None


def values(rows: Sequence[dict[str, Any]] | None, name: str, shown: str) -> list[Any]:
    """The attribute ``name``, in whatever case the server writes it; raises ARCGIS_NO_ATTRIBUTE."""
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


def _refuse(asker: Asker, error: Any) -> None:
    told = error if isinstance(error, dict) else {"message": str(error)}
    code = count_of(told.get("code"))
    details = [str(detail) for detail in told.get("details") or () if detail]
    message = asker.redact("; ".join(dict.fromkeys([str(told.get("message") or "-"), *details])))[:200]
    if code in _NO_TOKEN:
        connection = asker.source.connection or "-"
        raise CitylakeError("ARCGIS_TOKEN", source=asker.shown, error=code, message=message, connection=connection)
    kind = PassingError if code is None or code >= _PASSING else CitylakeError
    raise _failed(asker, kind, code if code is not None else "-", message)


def _failed(asker: Asker, kind: type[CitylakeError], code: Any, message: str) -> CitylakeError:
    return kind("ARCGIS_FAILED", source=asker.shown, error=code, message=message)
