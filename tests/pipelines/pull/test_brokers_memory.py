"""Pages are read one at a time: memory does not grow with the answer."""

from __future__ import annotations

import tracemalloc
from typing import Any

import pytest

SOURCES: list[tuple[str, dict[str, Any]]] = [
    ("openaq", {"resource": "latest", "parameters": [2], "page_size": 500}),
    ("ngsi_ld", {"type": "Lamp", "page_size": 500}),
]


def body(place: int, total: int) -> list[dict[str, Any]]:
    told = {"type": "Lamp", "note": "x" * 400}
    return [{"id": number, "sensorsId": number, **told} for number in range(place, min(place + 500, total))]


@pytest.mark.parametrize(("connector", "source"), SOURCES)
def test_forty_pages_take_the_memory_of_four(
    puller: Any, city: Any, reply: Any, connector: str, source: dict[str, Any]
) -> None:
    def peak(total: int) -> int:
        def answer(asked: Any) -> Any:
            city.asked.clear()
            if "offset" in asked.params:
                return reply(body(int(asked.params["offset"]), total), headers={"NGSILD-Results-Count": str(total)})
            found = body(500 * (int(asked.params["page"]) - 1), total)
            return reply({"meta": {"found": total if found else 0}, "results": found})

        city.answer = answer
        tracemalloc.reset_peak()
        receipt = puller.one(connector, url=city.url, per_second=1000, **source)
        assert (receipt.status, receipt.stored_count) == ("received", total)
        return tracemalloc.get_traced_memory()[1]

    tracemalloc.start()
    try:
        peak(500)
        few, many = peak(2_000), peak(20_000)
    finally:
        tracemalloc.stop()
    # Keys take 8 bytes a row; a page is some 300 kB.
    assert many < few + 1_000_000
