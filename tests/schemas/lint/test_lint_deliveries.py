"""A delivery that its receiver may not have, or that names what does not exist, is an error of lint."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from citylake.schemas.lint import lint_workspace
from citylake.schemas.lint.valid_registry import load_sound_registry
from tests.declared import declare_packs

CONTRACT = """
dataset: social.people
title: {zh: 人员, en: people}
owner: {department: 人社局}
source: {connector: files, path: "x.csv", format: csv}
fields:
  no: {element: person.certificate_no, required: true}
  device: {element: traffic.device_code, required: true}
  born: {element: person.birth_date, format: "%Y-%m-%d"}
write: {mode: upsert, key: [device_code]}
"""
MART = """
mart: devices
title: {zh: 设备, en: devices}
audience: {zh: 公众, en: the public}
tables:
  devices:
    title: {zh: 设备, en: devices}
    grain: [device_code]
    columns: {device_code: {element: traffic.device_code}}
"""
FOLDER = {"kind": "folder", "path": "out"}
BASE = {"delivery": "d", "title": {"zh": "交付", "en": "delivery"}, "department": "应急局", "target": FOLDER}
DEVICES = {"social.people": {"columns": ["device_code"]}}


def workspace(root: Path, sharing: str = "", key: str = "device_code", **words: Any) -> Path:
    declare_packs(root)
    files = {
        "datasets/people.yaml": CONTRACT.replace("key: [device_code]", f"key: [{key}]") + sharing,
        "marts/devices/mart.yaml": MART,
        "marts/devices/devices.sql": "SELECT DISTINCT device_code FROM social.people",
        "deliveries/d.yaml": yaml.safe_dump({**BASE, **words}, allow_unicode=True),
    }
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def codes(root: Path) -> set[str]:
    return {each.code for each in lint_workspace(root) if each.path.parent.name == "deliveries"}


CLOSED = "sharing: {class: none, basis: 《条例》第三条}\n"
ASKED = "sharing: {class: conditional, condition: {zh: 仅限执法, en: for enforcement}}\n"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ({"mart": "devices"}, set()),
        ({"dataset": "social.people", "tables": DEVICES}, set()),
        ({"mart": "device"}, {"DELIVERED_MART_UNKNOWN"}),
        ({"dataset": "social.person"}, {"REFERENCED_DATASET_UNKNOWN"}),
        ({"mart": "devices", "tables": {"device": {}}}, {"DELIVERED_TABLE_UNKNOWN"}),
        ({"mart": "devices", "tables": {"devices": {"columns": ["device"]}}}, {"COLUMN_UNKNOWN"}),
        ({"mart": "devices", "tables": {"devices": {"name": "_citylake_delivery"}}}, {"DELIVERED_NAME_TWICE"}),
        ({"dataset": "social.people"}, {"DELIVERY_TOO_SENSITIVE"}),
        ({"dataset": "social.people", "department": "人社局"}, set()),
        ({"sharing": CLOSED, "mart": "devices"}, {"DELIVERY_SHARES_CLOSED_DATA"}),
        ({"sharing": CLOSED, "mart": "devices", "department": "人社局"}, set()),
        ({"sharing": ASKED, "mart": "devices"}, {"DELIVERY_WITHOUT_AGREEMENT"}),
        ({"sharing": ASKED, "mart": "devices", "agreement": {"social.people": "协议一"}}, set()),
        (
            {"dataset": "social.people", "mode": "changes", "key": "certificate_no", "department": "人社局"},
            {"DELIVERY_KEY_PERSONAL"},
        ),
        (
            {
                "dataset": "social.people",
                "mode": "changes",
                "tables": {"social.people": {"columns": ["birth_date"]}},
                "department": "人社局",
            },
            {"DELIVERY_KEY_LEFT_OUT"},
        ),
        ({"mart": "devices", "dataset": "social.people"}, {"DECLARATION_INCONSISTENT"}),
        ({"mart": "devices", "after": "schedule"}, {"DECLARATION_INCONSISTENT"}),
        ({"mart": "devices", "after": "schedule", "cron": "0 25 * * *"}, {"CRON_INVALID"}),
        ({"mart": "devices", "after": "schedule", "cron": "0 6 * * *"}, set()),
    ],
)
def test_what_a_receiver_may_not_have_is_an_error(tmp_path: Path, words: dict[str, Any], found: set[str]) -> None:
    assert codes(workspace(tmp_path, **words)) == found


def test_two_deliveries_into_one_table_are_an_error(tmp_path: Path) -> None:
    target = {"kind": "database", "connection": "front"}
    workspace(tmp_path, mart="devices", target=target)
    other = {**BASE, "delivery": "e", "mart": "devices", "target": target}
    (tmp_path / "deliveries/e.yaml").write_text(yaml.safe_dump(other, allow_unicode=True), encoding="utf-8")
    assert codes(tmp_path) == {"DELIVERED_TABLE_TAKEN"}


def test_a_faulty_delivery_stops_nothing_but_itself(tmp_path: Path) -> None:
    registry = load_sound_registry(workspace(tmp_path, mart="device"))
    assert registry.deliveries == {}
    assert [(each.kind, each.id) for each in registry.faulty] == [("delivery", "d")]
    assert set(registry.marts) == {"devices"}
