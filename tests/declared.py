"""Where tests find declarations, and the ``workspace.yaml`` of the workspaces that they write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

_ROOT = Path(__file__).parents[1]
DEMO = _ROOT / "workspaces" / "demo"
"""The demonstration city."""
ALL_PACKS = _ROOT / "tests" / "all_packs"
"""A workspace with every built-in pack, and nothing else."""


def declare_packs(workspace: Path, extends: Path | None = None) -> Path:
    """Write a ``workspace.yaml`` with every built-in pack; returns the workspace."""
    workspace.mkdir(parents=True, exist_ok=True)
    text = (ALL_PACKS / "workspace.yaml").read_text(encoding="utf-8")
    text += f"extends: {extends}\n" if extends else ""
    (workspace / "workspace.yaml").write_text(text, encoding="utf-8")
    return workspace


def device_counts(dataset: str, path: str, form: str = "csv") -> dict[str, Any]:
    """A contract of one field, ``device``, read from files at ``path``."""
    return {
        "dataset": dataset,
        "title": {"zh": "流量", "en": "counts"},
        "owner": {"department": "交通局"},
        "source": {"connector": "files", "path": path, "format": form},
        "fields": {"device": {"element": "traffic.device_code"}},
        "write": {"mode": "append"},
    }
