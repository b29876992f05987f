"""One dataset that is taken in as ``citylake run`` does, as often as a test likes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from citylake.pipelines.context import RunContext, new_run
from citylake.pipelines.flow.conductor import ingest_dataset
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger
from citylake.pipelines.records import BatchResult
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import load_registry
from tests.declared import ALL_PACKS

Take = Callable[..., BatchResult]


class DyingLedger(Ledger):
    """The ledger of a process that dies after its commit: outcomes are never stored."""

    dead = False

    def add_batches(
        self, results: Iterable[BatchResult], fingerprint: str = "", run: str = "", revision: str = ""
    ) -> None:
        super().add_batches(results, fingerprint, run, revision)
        self.dead = True

    def flush(self) -> None:
        if not self.dead:
            super().flush()

    def flush_batch(self) -> None:
        if not self.dead:
            super().flush_batch()


@pytest.fixture(scope="session")
def take() -> Take:
    """Put one file into a folder's lake under some modes of drift; ``stored``: whether the ledger is written."""
    registry = load_registry(ALL_PACKS)

    def take_(folder: str, text: str, modes: Mapping[str, str], *, stored: bool = True) -> BatchResult:
        Path(folder, "files").mkdir(exist_ok=True)
        Path(folder, "files", "a.csv").write_text(text, encoding="utf-8")
        lake = Lake(f"{folder}/lake")
        ledger = Ledger(lake) if stored else DyingLedger(lake)
        context = RunContext(registry, lake, ledger, new_run())
        (result,) = ingest_dataset(context, _contract(folder, modes))
        ledger.flush()
        return result

    return take_


def _contract(folder: str, modes: Mapping[str, str]) -> Contract:
    return Contract.model_validate(
        {
            "dataset": "test.rows",
            "title": {"zh": "测试", "en": "test"},
            "owner": {"department": "测试局"},
            "source": {"connector": "files", "path": f"{folder}/files/*.csv", "format": "csv"},
            "zone": "Asia/Shanghai",
            "fields": {
                "时间": {"element": "time.hour_start", "format": "%Y-%m-%d %H:%M"},
                "设备": {"element": "traffic.device_code"},
                "流量": {"element": "traffic.flow", "required": True},
                "速度": {"element": "traffic.mean_speed", "unit": "km/h"},
                "车型": {"element": "traffic.vehicle_class"},
            },
            "rules": [
                {"issue": "ODD", "when": "flow_veh > 0 AND mean_speed_kmh IS NULL", "text": {"zh": "奇", "en": "odd"}}
            ],
            "write": {"mode": "upsert", "key": ["device_code", "hour_start"], "partition": "day(hour_start)"},
            "drift": modes,
        }
    )
