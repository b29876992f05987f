"""Variants of the benchmark's workspace: another encoding, coordinate frame or format, or many datasets."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from benchmarks.job import WORKSPACE

MARTS = Path(__file__).parent / "marts"
READINGS = WORKSPACE / "datasets" / "detector" / "readings.yaml"
GCJ_FIELDS = {
    "经度": {"element": "detector.longitude", "frame": "GCJ-02", "pair": "纬度"},
    "纬度": {"element": "detector.latitude", "frame": "GCJ-02", "pair": "经度"},
}


def readings(**changes: Any) -> dict[str, Any]:
    """The benchmark's contract with some parts replaced; ``fields`` and ``source`` are merged."""
    contract: dict[str, Any] = yaml.safe_load(READINGS.read_text())
    for part in ("fields", "source"):
        contract[part] |= changes.pop(part, {})
    return contract | changes


def workspace(folder: Path, contracts: Mapping[str, Mapping[str, Any]], marts: Mapping[str, str] | None = None) -> Path:
    """A workspace with these contracts and the benchmark's elements and codes; ``marts``: path below it → text."""
    folder.mkdir(parents=True, exist_ok=True)
    settings = {"extends": str(WORKSPACE), "timezone": "Asia/Shanghai"}
    (folder / "workspace.yaml").write_text(json.dumps(settings))
    for name, contract in contracts.items():
        file = folder / "datasets" / f"{name}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        # JSON is valid YAML.
        file.write_text(json.dumps(contract, ensure_ascii=False))
    for path, text in (marts or {}).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return folder


def with_mart(work: Path, engine: str = "duckdb") -> Path:
    """The benchmark's workspace and the mart over its readings: alone, a run of the dataset builds no mart."""
    texts = {f"marts/{path.relative_to(MARTS)}": path.read_text() for path in MARTS.rglob("*.*")}
    name = "workspace-mart"
    if engine != "duckdb":
        name = f"{name}-{engine}"
        texts = {path: text.replace("    grain:", f"    engine: {engine}\n    grain:") for path, text in texts.items()}
    return workspace(work / name, {"readings": readings()}, texts)
