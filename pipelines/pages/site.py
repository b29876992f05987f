"""The pages of one lake, each as a document that the ledger is asked for at most every few seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipelines.lake import Lake
from pipelines.pages import dataset, marts, overview, run
from pipelines.pages.asked import Asked, Sees, sees_all, unknown
from pipelines.pages.declared import Declared
from pipelines.pages.kept import Kept
from pipelines.usable import readable
from schemas.registry import Registry

Document = dict[str, Any]


class Site:
    """Documents of a lake, without what their reader may not see."""

    def __init__(self, lake: str, workspace: Path | None = None, kept: Kept | None = None) -> None:
        self._url, self._declared, self._kept = lake, Declared(workspace), kept or Kept()

    def registry(self) -> Registry:
        """The declarations as they are now."""
        return self._kept.get("registry", self._declared.registry)

    def overview(self, sees: Sees = sees_all) -> Document:
        """Every dataset and mart, and how many ask for a person."""
        found = self._ask(("overview",), overview.overview)
        seen = _seen(found, sees)
        return {**found, **seen, "counts": overview.counts(seen["datasets"], seen["marts"])}

    def dataset(self, name: str, sees: Sees = sees_all) -> Document:
        """One dataset. Raises DATASET_UNKNOWN, also where the reader may not know of it."""
        self._must_see("dataset", name, sees)
        return self._ask(("dataset", name), lambda asked: dataset.dataset(asked, name))

    def marts(self, sees: Sees = sees_all) -> Document:
        """Every mart with its versions."""
        found = self._ask(("marts",), marts.versions)
        return {**found, **_seen(found, sees)}

    def run(self, name: str, one: tuple[str, str] | None = None, sees: Sees = sees_all) -> Document:
        """One run; of one ``("dataset", …)`` or ``("mart", …)`` alone where given."""
        if one:
            self._must_see(*one, sees)
        found = self._ask(("run", name, one), lambda asked: run.run(asked, name, **dict([one] if one else [])))
        return {**found, **_seen(found, sees)}

    def _must_see(self, kind: str, name: str, sees: Sees) -> None:
        if not sees(kind, name):
            known = self.registry().contracts if kind == "dataset" else self.registry().marts
            raise unknown(kind, name, [each for each in known if sees(kind, each)])

    def _ask(self, question: tuple[Any, ...], ask: Callable[[Asked], Document]) -> Document:
        registry = self.registry()
        return self._kept.get(question, lambda: ask(Asked(registry, readable(Lake(self._url)), datetime.now(UTC))))


def _seen(document: Document, sees: Sees) -> Document:
    kinds = (("dataset", "datasets"), ("mart", "marts"))
    return {
        many: [entry for entry in document[many] if sees(one, entry[one])] for one, many in kinds if many in document
    }
