"""A library that is not installed is named, with how to install it."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from citylake.pipelines.pull.optional_libraries import require_libraries
from citylake.schemas.words.errors import CitylakeError


def test_a_source_that_needs_it_is_told_and_fails_nothing_else(
    trial: Any, standin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "google.transit.gtfs_realtime_pb2", None)
    trial.declare(
        "datasets/transit/vehicles",
        {
            "dataset": "transit.vehicles",
            "title": {"zh": "车辆", "en": "vehicles"},
            "owner": {"department": "市交通运输局"},
            "source": {
                "connector": "gtfs_rt",
                "url": f"{standin}/transit/rt/vehicles.pb",
                "format": {"type": "gtfs_rt", "rows": "vehicles"},
            },
            "fields": {"entity.id": {"element": "transit.vehicle_id"}},
            "write": {"mode": "append"},
        },
    )
    outcome = trial.run()
    (problem,) = trial.dataset(outcome, "transit.vehicles")["problems"]
    assert (outcome.exit_code, problem["code"]) == (2, "LIBRARY_MISSING")
    assert "citylake[connectors]" in problem["text"]["en"]


def test_a_module_of_our_own_that_is_missing_is_a_fault_of_ours() -> None:
    with pytest.raises(ModuleNotFoundError), require_libraries("x"):
        raise ModuleNotFoundError(name="citylake.pipelines.nothing")
    with pytest.raises(CitylakeError), require_libraries("x"):
        raise ModuleNotFoundError(name="driver")
