"""Telling the channels of ``CITYLAKE_NOTIFY_HELD`` that a batch is held: once, however many runs hold it again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipelines.notify.channel import HELD, Channel, channels
from schemas.catalogue import tell
from schemas.contract import Contract
from schemas.faults import CitylakeError

if TYPE_CHECKING:
    from pipelines.context import Context
    from pipelines.records import BatchResult

log = logging.getLogger(__name__)


def tell_held(context: Context, contract: Contract, results: Sequence[BatchResult]) -> None:
    """Tell of what is newly held, without any value of its rows; what fails is logged and stops nothing."""
    held = [result for result in results if result.status == "held"]
    heard = _channels() if held else ()
    if not heard:
        return
    before = context.ledger.held_before(context.run.id, contract.dataset)
    for result in held:
        if result.batch not in before:
            _told(contract, result, context.run.id, heard)


def _channels() -> tuple[Channel, ...]:
    try:
        return channels(variable=HELD)
    except CitylakeError as error:
        log.error("%s", tell(error.code, error.values))
        return ()


def _told(contract: Contract, result: BatchResult, run: str, heard: Sequence[Channel]) -> None:
    from pipelines.notify.message import message, whose
    from pipelines.notify.send import send

    lenient = [check.problem for check in result.checks if check.severity == "warning"]
    codes = ", ".join(dict.fromkeys(problem.code for problem in result.problems if problem not in lenient))
    send(message("held", **whose(contract), run=run, codes=codes), heard)
