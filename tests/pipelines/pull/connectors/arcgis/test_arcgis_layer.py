"""What a layer says of itself, and the dates that are asked of it."""

from __future__ import annotations

from typing import Any

import pytest

from citylake.pipelines.pull.connectors.arcgis.layer_metadata import LayerMetadata
from citylake.schemas.words.errors import CitylakeError

NOON_MS = 1_767_268_800_999  # 2026-01-01 12:00:00.999 UTC


def layer(**document: Any) -> LayerMetadata:
    return LayerMetadata("http://gis/S/FeatureServer/0", document)


@pytest.mark.parametrize(
    "document",
    [
        {"objectIdField": "FID"},
        {"fields": [{"name": "a", "type": "esriFieldTypeString"}, {"name": "FID", "type": "esriFieldTypeOID"}]},
    ],
)
def test_the_key_is_named_or_told_by_its_type(document: Any) -> None:
    assert layer(**document).key == "FID"


@pytest.mark.parametrize(
    ("document", "offsets"),
    [
        ({}, False),
        ({"supportsPagination": True}, True),
        ({"advancedQueryCapabilities": {"supportsPagination": True}}, True),
        ({"advancedQueryCapabilities": {"supportsPagination": False}, "supportsPagination": True}, False),
    ],
)
def test_offsets_are_used_only_where_the_layer_has_them(document: Any, offsets: bool) -> None:
    assert layer(**document).has_offsets is offsets


@pytest.mark.parametrize(
    ("reference", "shown"),
    [
        (None, "2026-01-01 12:00:00"),
        ({"timeZone": "UTC"}, "2026-01-01 12:00:00"),
        ({"timeZone": "Central Standard Time", "timeZoneIANA": "America/Chicago"}, "2026-01-01 06:00:00"),
    ],
)
def test_a_date_in_a_condition_is_in_the_zone_in_which_the_layer_reads_it(reference: Any, shown: str) -> None:
    said = layer(dateFieldsTimeReference=reference).since("edited", NOON_MS)
    assert said == f"edited >= TIMESTAMP '{shown}'"


def test_a_zone_that_nobody_knows_is_told() -> None:
    with pytest.raises(CitylakeError) as caught:
        layer(dateFieldsTimeReference={"timeZone": "Central Standard Time"}).since("edited", NOON_MS)
    assert (caught.value.problem.code, caught.value.values["zone"]) == ("ARCGIS_ZONE", "Central Standard Time")


def test_an_edit_date_that_is_text_is_told(puller: Any, city: Any, reply: Any) -> None:
    rows = [{"attributes": {"id": 1, "LAST_EDIT": "12/23/2005 12:00:00 AM"}}]
    told = {"objectIdField": "id", "supportsPagination": True, "count": 1, "features": rows}
    city.answer = lambda asked: reply(told)
    problem = puller.one("arcgis", url=f"{city.url}/S/FeatureServer", edited="LAST_EDIT").problem
    assert (problem.code, problem.values["attribute"], problem.values["value"][:10]) == (
        "ARCGIS_NO_DATE",
        "LAST_EDIT",
        "12/23/2005",
    )


def test_a_date_in_the_future_does_not_move_the_beginning_beyond_now(puller: Any, city: Any, reply: Any) -> None:
    rows = [{"attributes": {"id": n, "edited": ms}} for n, ms in enumerate((None, NOON_MS, 1_900_000_000_000))]
    told = {"objectIdField": "id", "supportsPagination": True, "count": 3, "features": rows}
    city.answer = lambda asked: reply(told)
    receipt = puller.one("arcgis", url=f"{city.url}/S/FeatureServer", edited="edited")
    assert receipt.state == {"edited_ms": 1_772_323_200_000}  # 2026-03-01, when the run began
