"""Notifies each channel about late data: once when a dataset becomes late, and once when it is fresh again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from citylake.pipelines.context import RunContext
from citylake.pipelines.notify.notify_channel import Channel
from citylake.pipelines.notify.notify_message import Message, build_message, combine_messages, contract_placeholders
from citylake.pipelines.notify.notify_sender import is_delivered, send_to_channels
from citylake.pipelines.read.data_age import DataAge
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import Problem

LateDataset = tuple[Contract, DataAge]

MAX_LISTED = 8
"""Maximum number of datasets per message. Webhooks limit both the message size and the messages per minute."""


def notify_late(context: RunContext, found: Sequence[DataAge], channels: Sequence[Channel]) -> list[Problem]:
    """Send each channel what changed since its last notification, and record it in the ledger.

    Returns the problems of failed deliveries; those are sent again the next time.
    """
    before = context.ledger.late_alerts()
    delivered: dict[str, list[str]] = {}
    problems: list[Problem] = []
    for channel in channels:
        for group in _alert_groups(channel, found, before):
            failures = send_to_channels(_late_message(group), [channel])
            problems += failures
            for contract, _ in group if is_delivered(failures) else ():
                delivered.setdefault(contract.dataset, []).append(str(channel))
    for age in found:
        if age.contract and age.contract.dataset in delivered:
            notified = delivered[age.contract.dataset]
            context.ledger.add_alert(age.contract.dataset, age.newest, notified, late=bool(age.late))
    context.ledger.flush()
    return problems


def _alert_groups(
    channel: Channel, found: Sequence[DataAge], before: set[tuple[str, str]]
) -> Iterator[list[LateDataset]]:
    """Yield one group per message: datasets whose state is new to the channel, late and fresh ones separately.

    For mail, there is one group per steward.
    """
    parts: dict[tuple[bool, str | None], list[LateDataset]] = {}
    for age, contract in ((age, age.contract) for age in found):
        if contract is None or not channel.hears(contract.owner.department):
            continue
        if bool(age.late) != ((contract.dataset, str(channel)) in before):
            steward = contract.owner.steward if channel.kind == "smtp" else None
            parts.setdefault((bool(age.late), steward), []).append((contract, age))
    for part in parts.values():
        yield from (part[start : start + MAX_LISTED] for start in range(0, len(part), MAX_LISTED))


def _late_message(group: Sequence[LateDataset]) -> Message:
    each = [
        build_message(_dataset_label(age), **contract_placeholders(contract), newest=age.shown, allowed=age.allowed)
        for contract, age in group
    ]
    return each[0] if len(each) == 1 else combine_messages("late_many" if group[0][1].late else "fresh_many", each)


def _dataset_label(age: DataAge) -> str:
    return ("late" if age.newest else "late_never") if age.late else "fresh"
