"""Files that ended the process which read them: held by their names, so that the next file and dataset are read."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.metadata import version

from citylake.pipelines.context import RunContext
from citylake.pipelines.flow.work_mark import WorkMark
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.records import Receipt
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.words.errors import Problem

_UNKNOWN = "—"


def held_receipts(
    context: RunContext, contract: Contract, receipts: Sequence[Receipt], mark: WorkMark | None
) -> dict[str, Problem]:
    """Receipt → PROCESS_ABORTED, for those whose bytes ended a process under this contract and this version.

    If an earlier process died here, every other receipt is read in a process of its own first.
    """
    known = read_poison(context.lake, contract.dataset)
    if not known and (mark is None or mark.suspicion == "none"):
        return {}
    key = _key(context, contract)
    found = {sha256: name for sha256, (name, under) in known.items() if under == key}
    rest = [receipt for receipt in receipts if receipt.sha256 not in found]
    fresh = _try(context, contract, rest, mark) if mark and mark.suspicion != "none" else {}
    if fresh:
        _write_poison(context.lake, contract.dataset, {**known, **{sha: (name, key) for sha, name in fresh.items()}})
    found |= fresh
    return {
        receipt.id: _problem(contract.dataset, receipt, found[receipt.sha256])
        for receipt in receipts
        if receipt.sha256 in found
    }


def forget_poison(lake: Lake, dataset: str) -> int:
    """Let the next run read held files again; returns their number."""
    known = read_poison(lake, dataset)
    if known:
        lake.fs.rm_file(_path(lake, dataset))
    return len(known)


def read_poison(lake: Lake, dataset: str) -> dict[str, tuple[str, str]]:
    """SHA-256 → the signal, and the contract and version under which it came."""
    try:
        found = json.loads(lake.fs.cat_file(_path(lake, dataset)))
    except (FileNotFoundError, ValueError):
        return {}
    return {sha256: (name, key) for sha256, (name, key) in found.items()}


def _try(context: RunContext, contract: Contract, receipts: Sequence[Receipt], mark: WorkMark) -> dict[str, str]:
    """SHA-256 → the signal that ended the process in which the receipt was read alone."""
    from citylake.pipelines.flow.poison_read import reads_to_its_end

    if mark.suspicion == "dataset":
        # Each of them alone was read, and yet the process died again.
        return {receipt.sha256: _UNKNOWN for receipt in receipts if receipt.sha256}
    ends = {receipt.sha256: reads_to_its_end(context, contract, receipt) for receipt in receipts if receipt.sha256}
    mark.note_tried()
    return {sha256: _signal_name(number) for sha256, number in ends.items() if number}


def _write_poison(lake: Lake, dataset: str, known: Mapping[str, tuple[str, str]]) -> None:
    path = _path(lake, dataset)
    lake.makedirs(path.rpartition("/")[0])
    lake.fs.pipe_file(path, json.dumps(dict(known)).encode())


def _key(context: RunContext, contract: Contract) -> str:
    return f"{version('citylake')} {contract_fingerprint(contract, context.registry)}"


def _path(lake: Lake, dataset: str) -> str:
    return lake.path("working", f"{dataset}.aborted.json")


def _signal_name(number: int) -> str:
    with suppress(ValueError):
        return signal.Signals(number).name
    return str(number)


def _problem(dataset: str, receipt: Receipt, name: str) -> Problem:
    return Problem("PROCESS_ABORTED", {"file": receipt.name or receipt.source, "dataset": dataset, "signal": name})
