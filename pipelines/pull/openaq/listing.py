"""The sensors of a location: one answer, whose ``found`` counts it, for the service does not page it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pipelines.pull.connector import Part, Tally
from pipelines.pull.openaq.pages import results
from pipelines.pull.web.ask import Ask, Page
from pipelines.pull.web.asker import Asker, asking
from pipelines.pull.web.document import count_of, dig
from schemas.faults import CitylakeError
from schemas.source import OpenaqSource


def sensors_ask(source: OpenaqSource, location: int) -> Ask:
    """Which sensors ``location`` has."""
    return Ask(f"{source.url.rstrip('/')}/locations/{location}/sensors")


def listed(source: OpenaqSource, location: int) -> Sequence[int]:
    """Ids of the sensors of ``location`` that the contract wants.

    Raises COUNT_DIFFERS where not all came, HTTP_FAILED_INSIDE where one has no id, OPENAQ_NO_SENSOR where none is
    wanted.
    """
    with asking(source) as asker:
        page, found = _asked(asker, sensors_ask(source, location))
    declared = count_of(dig(page.document, "meta.found"))
    if declared is not None and declared != len(found):
        raise CitylakeError("COUNT_DIFFERS", source=asker.shown, declared=declared, stored=len(found))
    unnamed = next((each for each in found if not isinstance(each.get("id"), int)), None)
    if unnamed is not None:
        said = asker.redact(f"id = {unnamed.get('id')!r}")[:200]
        raise CitylakeError("HTTP_FAILED_INSIDE", source=asker.shown, page=1, message=said)
    wanted = [each["id"] for each in found if not source.parameters or _parameter(each) in source.parameters]
    if not wanted:
        told = ", ".join(f"{_parameter(each)} ({each.get('name')})" for each in found)
        raise CitylakeError("OPENAQ_NO_SENSOR", source=asker.shown, location=location, present=told or "—")
    return wanted


def whole(asker: Asker, ask: Ask, tally: Tally) -> Iterator[Part]:
    """The list as a part to land."""
    page, found = _asked(asker, ask)
    tally.declared, tally.stored = count_of(dig(page.document, "meta.found")), len(found)
    tally.proof = "snapshot" if tally.declared is None else "count"
    yield page.part("00001.json")


def _asked(asker: Asker, ask: Ask) -> tuple[Page, Sequence[Any]]:
    def check(page: Page) -> None:
        results(asker, page, 1)

    page = asker.page(ask, check)
    return page, results(asker, page, 1)


def _parameter(sensor: Any) -> Any:
    return dig(sensor, "parameter.id")
