"""Telling people that data are late: each channel once when they become so, and once when they are fresh again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pipelines.context import Context
from pipelines.freshness import Age
from pipelines.notify.channel import Channel
from pipelines.notify.message import Message, message, together, whose
from pipelines.notify.send import send, took
from schemas.contract import Contract
from schemas.faults import Problem

Late = tuple[Contract, Age]

MOST = 8
"""Datasets in one message: as many as surely fit, for robots take few messages a minute and short ones."""


def alert(context: Context, found: Sequence[Age], channels: Sequence[Channel]) -> list[Problem]:
    """Tell each channel what has changed since it was told last; returns what could not be told.

    What a channel did not take is told to it again the next time.
    """
    before = context.ledger.late()
    heard: dict[str, list[str]] = {}
    problems: list[Problem] = []
    for channel in channels:
        for group in _groups(channel, found, before):
            said = send(_told(group), [channel])
            problems += said
            for contract, _ in group if took(said) else ():
                heard.setdefault(contract.dataset, []).append(str(channel))
    for age in found:
        if age.contract and age.contract.dataset in heard:
            told = heard[age.contract.dataset]
            context.ledger.add_alert(age.contract.dataset, age.newest, told, late=bool(age.late))
    context.ledger.flush()
    return problems


def _groups(channel: Channel, found: Sequence[Age], before: set[tuple[str, str]]) -> Iterator[list[Late]]:
    """What is news to the channel, a part a message: late or fresh, and each steward's own where it is mail."""
    parts: dict[tuple[bool, str | None], list[Late]] = {}
    for age, contract in ((age, age.contract) for age in found):
        if contract is None or not channel.hears(contract.owner.department):
            continue
        if bool(age.late) != ((contract.dataset, str(channel)) in before):
            steward = contract.owner.steward if channel.kind == "smtp" else None
            parts.setdefault((bool(age.late), steward), []).append((contract, age))
    for part in parts.values():
        yield from (part[start : start + MOST] for start in range(0, len(part), MOST))


def _told(group: Sequence[Late]) -> Message:
    each = [message(_name(age), **whose(contract), newest=age.shown, allowed=age.allowed) for contract, age in group]
    return each[0] if len(each) == 1 else together("late_many" if group[0][1].late else "fresh_many", each)


def _name(age: Age) -> str:
    return ("late" if age.newest else "late_never") if age.late else "fresh"
