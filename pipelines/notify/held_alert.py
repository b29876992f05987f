"""Notifies the channels of ``CITYLAKE_NOTIFY_HELD`` about a held batch, once, also if later runs hold it again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

from citylake.pipelines.notify.notify_channel import HELD_VARIABLE, Channel, configured_channels
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import render_issue

if TYPE_CHECKING:
    from citylake.pipelines.context import RunContext
    from citylake.pipelines.records import BatchResult

log = logging.getLogger(__name__)


def notify_held(context: RunContext, contract: Contract, results: Sequence[BatchResult]) -> None:
    """Notify about newly held batches. Messages contain no row values. A failure is logged and not raised."""
    held = [result for result in results if result.status == "held"]
    channels = _channels() if held else ()
    if not channels:
        return
    before = context.ledger.held_by_other_runs(context.run.id, contract.dataset)
    for result in held:
        if result.batch not in before:
            _held_message(contract, result, context.run.id, channels)


def _channels() -> tuple[Channel, ...]:
    try:
        return configured_channels(variable=HELD_VARIABLE)
    except CitylakeError as error:
        log.error("%s", render_issue(error.code, error.values))
        return ()


def _held_message(contract: Contract, result: BatchResult, run: str, channels: Sequence[Channel]) -> None:
    from citylake.pipelines.notify.notify_message import build_message, contract_placeholders
    from citylake.pipelines.notify.notify_sender import send_to_channels

    lenient = [check.problem for check in result.checks if check.severity == "warning"]
    codes = ", ".join(dict.fromkeys(problem.code for problem in result.problems if problem not in lenient))
    send_to_channels(
        build_message("held", **contract_placeholders(contract), run=run, codes=codes, batch=result.batch or "—"),
        channels,
    )
