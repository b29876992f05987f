"""Telling people that data are late: each channel once when they become so, and once when they are fresh again."""

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
"""Datasets in one message: as many as surely fit, for robots take few messages a minute and short ones."""


def notify_late(context: RunContext, found: Sequence[DataAge], channels: Sequence[Channel]) -> list[Problem]:
    """Tell each channel what has changed since it was told last; returns what could not be told.

    What a channel did not take is told to it again the next time.
    """
    before = context.ledger.late()
    heard: dict[str, list[str]] = {}
    problems: list[Problem] = []
    for channel in channels:
        for group in _alert_groups(channel, found, before):
            said = send_to_channels(_late_message(group), [channel])
            problems += said
            for contract, _ in group if is_delivered(said) else ():
                heard.setdefault(contract.dataset, []).append(str(channel))
    for age in found:
        if age.contract and age.contract.dataset in heard:
            told = heard[age.contract.dataset]
            context.ledger.add_alert(age.contract.dataset, age.newest, told, late=bool(age.late))
    context.ledger.flush()
    return problems


def _alert_groups(
    channel: Channel, found: Sequence[DataAge], before: set[tuple[str, str]]
) -> Iterator[list[LateDataset]]:
    """What is news to the channel, a part a message: late or fresh, and each steward's own where it is mail."""
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
