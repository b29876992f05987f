"""The documents of one lake's pages, cached for a few seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from citylake.pipelines.lake.lake_access import check_readable
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.site import dataset_page, held_page, marts_page, overview_page, pipeline_run_page
from citylake.pipelines.site.page_request import PageRequest, VisibilityCheck, allow_all, page_not_found
from citylake.pipelines.site.site_caches import AnswerCache, RegistryCache
from citylake.schemas.read.registry import Registry

SiteDocument = dict[str, Any]


class Site:
    """The documents of a lake, filtered by what the reader may see (``sees``)."""

    def __init__(self, lake: str, workspace: Path | None = None, kept: AnswerCache | None = None) -> None:
        self._url, self._declared, self._kept = lake, RegistryCache(workspace), kept or AnswerCache()

    @property
    def lake(self) -> Lake:
        """The lake."""
        return Lake(self._url)

    def registry(self) -> Registry:
        """Return the current declarations. Raises DECLARATIONS_INVALID."""
        return self._kept.get("registry", self._declared.registry)

    def overview(self, sees: VisibilityCheck = allow_all) -> SiteDocument:
        """Return every visible dataset and mart, and the counts of those that need attention."""
        found = self._ask(("overview",), overview_page.overview_document)
        seen = _visible_document(found, sees)
        return {**found, **seen, "counts": overview_page.overview_counts(seen["datasets"], seen["marts"])}

    def dataset(self, name: str, sees: VisibilityCheck = allow_all) -> SiteDocument:
        """Return one dataset. Raises DATASET_UNKNOWN, also if the reader may not see it."""
        self._must_see("dataset", name, sees)
        return self._ask(("dataset", name), lambda request: dataset_page.dataset_document(request, name))

    def marts(self, sees: VisibilityCheck = allow_all) -> SiteDocument:
        """Return every visible mart with its versions."""
        found = self._ask(("marts",), marts_page.marts_document)
        return {**found, **_visible_document(found, sees)}

    def held(self, sees: VisibilityCheck = allow_all) -> SiteDocument:
        """Return the batches of visible datasets that wait for a decision."""
        found = self._ask(("held",), held_page.held_page_document)
        return {**found, **_visible_document(found, sees)}

    def run(self, name: str, one: tuple[str, str] | None = None, sees: VisibilityCheck = allow_all) -> SiteDocument:
        """Return one run; with ``one``, a pair ``("dataset", name)`` or ``("mart", name)``, only its part in the run.

        Raises DATASET_UNKNOWN or MART_UNKNOWN if the reader may not see ``one``.
        """
        if one:
            self._must_see(*one, sees)
        found = self._ask(
            ("run", name, one),
            lambda request: pipeline_run_page.run_document(request, name, **dict([one] if one else [])),
        )
        return {**found, **_visible_document(found, sees)}

    def _must_see(self, kind: str, name: str, sees: VisibilityCheck) -> None:
        if not sees(kind, name):
            known = self.registry().contracts if kind == "dataset" else self.registry().marts
            raise page_not_found(kind, name, [each for each in known if sees(kind, each)])

    def _ask(self, question: tuple[Any, ...], ask: Callable[[PageRequest], SiteDocument]) -> SiteDocument:
        registry = self.registry()
        return self._kept.get(
            question, lambda: ask(PageRequest(registry, check_readable(Lake(self._url)), datetime.now(UTC)))
        )


def _visible_document(document: SiteDocument, sees: VisibilityCheck) -> SiteDocument:
    kinds = (("dataset", "datasets"), ("mart", "marts"))
    return {
        many: [entry for entry in document[many] if sees(one, entry[one])] for one, many in kinds if many in document
    }
