"""``citylake deliver`` from the command line, and after ``citylake run``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.pipelines.cli.conftest import GOOD, City

DELIVERY = """
delivery: flow
title: {zh: 流量交付, en: flow}
department: 市应急管理局
mart: traffic
target: {kind: folder, path: "${WORKSPACE}/../out"}
acknowledge_within: 1ms
"""


@pytest.fixture
def out(city: City) -> Path:
    """The exchange folder of the declared delivery."""
    path = city.root / "workspace/deliveries/flow.yaml"
    path.parent.mkdir()
    path.write_text(DELIVERY, encoding="utf-8")
    folder = city.root / "out"
    folder.mkdir()
    city.drop("1.csv", GOOD)
    return folder


def test_a_run_delivers_what_it_published_and_the_command_nothing_twice(city: City, out: Path) -> None:
    code, document = city.json("run", "--no-report")
    assert (code, document["deliveries"][0]["status"]) == (0, "delivered")
    (manifest,) = out.glob("*/manifest.json")
    assert json.loads(manifest.read_text(encoding="utf-8"))["rows"] == 1
    code, document = city.json("deliver", "flow")
    assert (code, document["deliveries"][0]["status"]) == (0, "unchanged")


def test_the_status_says_that_an_acknowledgement_is_late_and_then_that_it_came(city: City, out: Path) -> None:
    city.call("run", "--no-report")
    code, text, _ = city.call("deliver", "--status")
    assert code == 2
    assert "市应急管理局" in text
    (out / f"{next(out.iterdir()).name}.done").touch()
    code, document = city.json("deliver", "--status")
    assert code == 0
    assert document["deliveries"][0]["last"]["acknowledged_at"]


def test_a_missing_folder_fails_the_delivery_and_not_the_publication(city: City, out: Path) -> None:
    out.rmdir()
    code, document = city.json("run", "--no-report")
    assert code == 3
    assert document["marts"][0]["status"] == "published"
    assert document["deliveries"][0]["problem"]["code"] == "DELIVERY_FOLDER_UNUSABLE"
    out.mkdir()
    assert city.json("deliver")[1]["deliveries"][0]["status"] == "delivered"


def test_an_unknown_delivery_is_named(city: City, out: Path) -> None:
    code, _, error = city.call("deliver", "flows")
    assert code == 1
    assert "flows" in error
