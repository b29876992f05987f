"""Reads one receipt in a process of its own, to see whether it survives; run as a module.

Nothing that it makes is kept: it writes to a lake in a temporary folder. Only how it ends counts.
"""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.records import Receipt, Run
from citylake.schemas.model.contract import Contract


def reads_to_its_end(context: RunContext, contract: Contract, receipt: Receipt) -> int:
    """The number of the signal that ended the process which read the receipt; 0 if it ended by itself.

    An exception is no signal: the run itself meets and reports it.
    """
    request = {
        "workspace": str(context.registry.workspace.root),
        "run": TypeAdapter(Run).dump_python(context.run, mode="json"),
        "receipt": TypeAdapter(Receipt).dump_python(receipt, mode="json"),
        "dataset": contract.dataset,
        "lake": context.lake.url,
        "memory": context.budget.memory,
    }
    command = [sys.executable, "-m", "citylake.pipelines.flow.poison_read"]
    done = subprocess.run(  # noqa: S603 (this interpreter and a module of this package)
        command, input=json.dumps(request).encode(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return max(0, -done.returncode)


def main() -> None:
    """Read the request from standard input, and the receipt that it names."""
    request: dict[str, Any] = json.load(sys.stdin)
    with suppress(OSError):
        # If memory ends, this process ends, and not the run.
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")
    with scratch_folder() as folder:
        _read(request, Path(folder))


def _read(request: dict[str, Any], folder: Path) -> None:
    from citylake.pipelines.blocks.memory_budget import Budget
    from citylake.pipelines.flow.dataset_steps import conform_step
    from citylake.pipelines.lake.ledger import Ledger
    from citylake.pipelines.parse.parse_receipt import open_receipts
    from citylake.schemas.lint.valid_registry import load_sound_registry

    registry, lake = load_sound_registry(Path(request["workspace"])), Lake(str(folder / "lake"))
    contract, run = registry.contract(request["dataset"]), TypeAdapter(Run).validate_python(request["run"])
    receipt = TypeAdapter(Receipt).validate_python(request["receipt"])
    real = Lake(request["lake"])
    if not real.local:
        # Readers of the temporary lake open local files.
        receipt = replace(receipt, landing=tuple(_fetch(real, path, folder) for path in receipt.landing))
    context = RunContext(registry, lake, Ledger(lake), run, budget=Budget(memory=request["memory"]))
    sources = open_receipts([receipt], contract, lake, folder, context.budget, locale=context.locale)
    conform_step(context, contract, sources)


def _fetch(lake: Lake, path: str, folder: Path) -> str:
    near = folder / "landing" / path.rpartition("/")[2]
    near.parent.mkdir(exist_ok=True)
    lake.fs.get_file(path, str(near))
    return str(near)


if __name__ == "__main__":
    main()
