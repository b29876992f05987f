"""Telling people that data are late: once when they become so, and once when they are fresh again."""

from __future__ import annotations

from collections.abc import Sequence

from pipelines.context import Context
from pipelines.freshness import Age
from pipelines.notify.channel import Channel
from pipelines.notify.message import LANGUAGES, Message, message
from pipelines.notify.send import send
from schemas.catalogue import word
from schemas.contract import Contract
from schemas.faults import Problem


def alert(context: Context, found: Sequence[Age], channels: Sequence[Channel]) -> list[Problem]:
    """Tell what has changed since people were told last; returns what could not be told.

    What no channel took is told again the next time.
    """
    before = context.ledger.late()
    problems: list[Problem] = []
    for age, contract in ((age, age.contract) for age in found):
        if contract and bool(age.late) != (contract.dataset in before):
            heard = [channel for channel in channels if channel.hears(contract.owner.department)]
            problems += _told(context, age, contract, heard)
    context.ledger.flush()
    return problems


def about(name: str, contract: Contract, **values: str) -> Message:
    """A message of ``notify.<name>`` on one dataset."""
    owner, title = contract.owner, contract.title
    values |= {"dataset": contract.dataset, "title_zh": title.zh, "title_en": title.en, "department": owner.department}
    return message(name, steward=owner.steward, **values)


def _told(context: Context, age: Age, contract: Contract, heard: Sequence[Channel]) -> list[Problem]:
    newest = age.shown or " / ".join(word("notify.never", language) for language in LANGUAGES)
    told = about("late" if age.late else "fresh", contract, newest=newest, allowed=age.allowed or "")
    failed = {channel: problem for channel in heard for problem in send(told, [channel])}
    took = [str(channel) for channel in heard if channel not in failed]
    if took:
        context.ledger.add_alert(contract.dataset, age.newest, took, late=bool(age.late))
    return list(failed.values())
