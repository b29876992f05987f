"""One parse in a process of its own, with a limit to its addresses: what came of it, and what it took."""

from __future__ import annotations

import json
import resource
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from citylake.pipelines.blocks.memory_budget import Budget
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.parse.parse_receipt import parse_receipt
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract


def print_measured(path: str, source: str, memory: str, space: str) -> None:
    """Print rows, problem, megabytes above what the process had before, and seconds of CPU, as JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (int(space), int(space)))
    # Not RUSAGE_SELF: it begins with the memory of the process that started this one.
    Path("/proc/self/clear_refs").write_text("5")
    before, began = _peak_kb(), time.process_time()
    receipt, contract = _receipt(path), _contract(json.loads(source))
    with tempfile.TemporaryDirectory(dir=Path(path).parent) as lake:
        parsed = parse_receipt(receipt, contract, Lake(lake), Budget(int(memory)))
        spent = time.process_time() - began
    grown = max(_peak_kb() - before, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
    problem = parsed.problem.code if parsed.problem else None
    print(json.dumps({"rows": parsed.rows, "problem": problem, "mb": grown // 1024, "cpu_s": spent}))


def _contract(source: dict[str, Any]) -> Contract:
    return Contract.model_validate(
        {
            "dataset": "test.data",
            "title": {"zh": "x", "en": "x"},
            "owner": {"department": "x"},
            "source": {"connector": "files", "path": "x", **source},
            "fields": {"a": {"element": "test.a"}},
            "write": {"mode": "append"},
        }
    )


def _receipt(path: str) -> Receipt:
    now = datetime.now(UTC)
    return Receipt("r", "run", "test.data", "in/x", "x", "received", now, now, landing=(path,))


def _peak_kb() -> int:
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text("utf-8").splitlines())
    return int(status["VmHWM"].split()[0])
