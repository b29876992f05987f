"""The terminal page of ``citylake onboard``: each open field with its proposals, to accept, refuse or choose."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from citylake.pipelines.cli.shared_options import make_console
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import current_language, translate_key

if TYPE_CHECKING:
    from rich.console import Console

    from citylake.pipelines.onboard.choose_bindings import FieldChoice
    from citylake.pipelines.onboard.draft_plan import DraftPlan
    from citylake.pipelines.onboard.onboard_decisions import FieldElement
    from citylake.pipelines.onboard.onboard_source import Verdicts
    from citylake.schemas.read.registry import Registry

_REFUSE, _CHOOSE, _LATER, _STOP = "r", "c", "", "q"
Ask = Callable[[str], str]
"""Asks a person, and returns the answer."""


def ask_verdicts(plan: DraftPlan, registry: Registry, ask: Ask | None = None) -> Verdicts:
    """What a person decides about the open fields of ``plan``, one after the other; all prompts go to standard error.

    A number accepts that proposal, ``r`` refuses all of them, ``c`` chooses another element, nothing leaves the field
    for later, ``q`` leaves all others for later.
    """
    from citylake.pipelines.onboard.onboard_source import Verdicts

    console = make_console(error=True)
    ask = ask or _ask_terminal(console)
    accepted: list[FieldElement] = []
    refused: list[FieldElement] = []
    waiting = [each for each in plan.choices if each.element is None and each.proposals]
    for number, choice in enumerate(waiting, 1):
        console.print(translate_key("onboard.ask_field", field=choice.field, number=number, count=len(waiting)))
        _show_field(choice, plan, registry, console)
        answer = _ask_until_known(ask, len(choice.proposals))
        if answer == _STOP:
            break
        if answer == _REFUSE:
            refused += [(choice.field, each.element) for each in choice.proposals]
        elif answer == _CHOOSE:
            accepted += _choose_other(choice.field, registry, ask, console)
        elif answer != _LATER:
            accepted.append((choice.field, choice.proposals[int(answer) - 1].element))
    return Verdicts(tuple(accepted), tuple(refused))


def _ask_terminal(console: Console) -> Ask:
    from rich.prompt import Prompt

    return lambda text: Prompt.ask(text, console=console, default="", show_default=False)


def _ask_until_known(ask: Ask, count: int) -> str:
    known = {_REFUSE, _CHOOSE, _LATER, _STOP, *map(str, range(1, count + 1))}
    while True:
        answer = ask(translate_key("onboard.ask_verdict", count=count)).strip().lower()
        if answer in known:
            return answer


def _choose_other(field: str, registry: Registry, ask: Ask, console: Console) -> Sequence[FieldElement]:
    """The element with the id that is given; an empty answer chooses none."""
    from citylake.schemas.read.element_search import find_element

    while text := ask(translate_key("onboard.ask_element")).strip():
        try:
            return [(field, find_element(text, registry).id)]
        except CitylakeError as error:
            console.print(error.say(current_language()))
    return []


def _show_field(choice: FieldChoice, plan: DraftPlan, registry: Registry, console: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    from citylake.pipelines.onboard.evidence_text import say_evidence
    from citylake.pipelines.onboard.shown_values import shown_values

    values = " · ".join(shown_values(choice, plan, registry, 5))
    console.print(f"  {translate_key('onboard.review_values')} {values[:200] or '—'}")
    table = Table(show_header=False, box=None, padding=(0, 1))
    for number, each in enumerate(choice.proposals, 1):
        name = registry.elements[each.element].name.say(current_language())
        reasons = [f"{'−' if one.weight < 0 else '+'} {say_evidence(one)}" for one in each.evidence]
        table.add_row(f"  {number}", Text("\n".join([f"{each.element}  {name}  {each.score:.2f}", *reasons])))
    console.print(table)
