"""Which changes of a contract change what stored values mean."""

from __future__ import annotations

import json
from typing import Any

import pytest

from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_meaning import MeaningChange, contract_meaning, meaning_changes
from citylake.schemas.read.registry import Registry, load_registry
from tests.declared import DEMO

BASE: dict[str, Any] = {
    "dataset": "h.x",
    "title": {"zh": "题", "en": "title"},
    "owner": {"department": "市交通运输局"},
    "source": {"connector": "files", "path": "*.csv", "format": "csv"},
    "zone": "Asia/Shanghai",
    "sentinels": ["—"],
    "fields": {
        "t": {"element": "time.hour_start", "format": "%d/%m/%Y %H:%M", "label": "start"},
        "dev": {"element": "traffic.device_code"},
        "v": {"element": "traffic.mean_speed", "unit": "km/h", "clean": ["fullwidth"]},
        "车型": {"element": "traffic.vehicle_class", "codes": {"小型车": "K3", "大型车": "K1"}},
        "x": {"element": "place.longitude", "frame": "GCJ-02", "pair": "y"},
    },
    "write": {"mode": "upsert", "key": ["device_code", "hour_start"]},
}


@pytest.fixture(scope="module")
def registry() -> Registry:
    return load_registry(DEMO)


def changes(registry: Registry, **changed: Any) -> list[str]:
    declared = json.loads(json.dumps(BASE))
    for path, value in changed.items():
        *parents, last = path.split("__")
        inner = declared
        for name in parents:
            inner = inner[name]
        inner[last] = value
    before, after = (
        json.loads(json.dumps(contract_meaning(Contract.model_validate(each), registry))) for each in (BASE, declared)
    )
    return sorted(f"{change.column}.{change.word}" for change in meaning_changes(before, after))


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"fields__v__unit": "m/s"}, ["mean_speed_kmh.unit"]),
        ({"fields__v__sentinels": ["-9"]}, ["mean_speed_kmh.sentinels"]),
        ({"fields__v__clean": ["thousands"]}, ["mean_speed_kmh.clean"]),
        ({"fields__t__zone": "UTC"}, ["hour_start.zone"]),
        ({"zone": "UTC"}, ["hour_start.zone"]),
        ({"fields__t__label": "end"}, ["hour_start.label"]),
        ({"fields__t__format": "%m/%d/%Y %H:%M"}, ["hour_start.date_order"]),
        ({"fields__x__frame": "WGS-84"}, ["longitude_deg.frame"]),
        ({"fields__v": {"element": "traffic.flow", "as": "mean_speed_kmh"}}, ["mean_speed_kmh.element"]),
        ({"write__key": ["device_code"]}, [".key"]),
    ],
)
def test_a_change_of_meaning_is_found_with_its_column(
    registry: Registry, changed: dict[str, Any], expected: list[str]
) -> None:
    assert set(expected) <= set(changes(registry, **changed))


def test_a_code_with_another_target_changes_the_meaning_and_a_further_code_does_not(registry: Registry) -> None:
    (changed,) = changes(registry, fields__车型__codes={"小型车": "K1", "大型车": "K1"})
    assert changed.endswith(".codes")
    assert changes(registry, fields__车型__codes={"小型车": "K3", "大型车": "K1", "客车": "K2"}) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"owner": {"department": "市公安局"}},
        {"schedule": {"cron": "0 * * * *"}},
        {"description": {"zh": "注", "en": "note"}},
        {"expect": {"quarantine_share": 0.5}},
        {"fields__v__required": True},
        {"fields__v__from": "速度"},
        {"fields__t__format": "%Y-%m-%d %H:%M"},
        {"fields__x__pair": "lat"},
        {"fields__n": {"element": "traffic.flow"}},
        {"rules": [{"issue": "FAST", "when": "mean_speed_kmh > 120", "text": {"zh": "快", "en": "fast"}}]},
    ],
)
def test_a_harmless_change_is_no_change_of_meaning(registry: Registry, changed: dict[str, Any]) -> None:
    assert changes(registry, **changed) == []


def test_a_change_is_shown_with_both_values() -> None:
    assert str(MeaningChange("mean_speed_kmh", "unit", "km/h", "m/s")) == "mean_speed_kmh.unit: km/h → m/s"
    assert str(MeaningChange("", "key", ["a", "b"], None)) == "key: a, b → —"
