"""A page with every proposal and its evidence: one file, without network, for people to decide."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from citylake.pipelines.match.field_proposal import ElementProposal
from citylake.pipelines.onboard.choose_bindings import FieldChoice
from citylake.pipelines.onboard.draft_contract import flow_yaml, render_draft
from citylake.pipelines.onboard.draft_plan import DraftPlan
from citylake.pipelines.onboard.evidence_text import say_evidence
from citylake.pipelines.onboard.shown_values import shown_values
from citylake.quality.report.jinja_environment import template_environment
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.message_catalogue import current_language, translate_key

_VALUES, _CHARACTERS = 6, 60


def render_review(plans: Sequence[DraftPlan], registry: Registry, command: Sequence[str]) -> str:
    """The page in the user's language; it holds values of the sample, except what may be personal.

    ``command``: the words of the command.
    """
    environment = template_environment("citylake.pipelines.onboard", "citylake.quality.report")
    shown = [
        _plan(number, plan, registry, command, f"{plan.dataset}:" if len(plans) > 1 else "")
        for number, plan in enumerate(plans)
    ]
    return environment.get_template("review.html.j2").render(plans=shown, language=current_language())


def _plan(number: int, plan: DraftPlan, registry: Registry, command: Sequence[str], prefix: str) -> dict[str, Any]:
    fields = [_field(position, each, plan, registry) for position, each in enumerate(plan.choices)]
    return {
        "number": number,
        "dataset": plan.dataset,
        "prefix": prefix,
        "title": plan.title,
        "command": shlex.join(command),
        "contract": render_draft(plan),
        "fields": sorted(fields, key=lambda each: (bool(each["by"]), not each["proposals"])),
        "bound": len(plan.bound),
        "open": sum(each.element is None and bool(each.proposals) for each in plan.choices),
    }


def _field(number: int, choice: FieldChoice, plan: DraftPlan, registry: Registry) -> dict[str, Any]:
    proof = plan.proofs.get(choice.field)
    values = shown_values(choice, plan, registry, _VALUES)
    return {
        "number": number,
        "field": choice.field,
        "values": [value if len(value) <= _CHARACTERS else f"{value[:_CHARACTERS]}…" for value in values],
        "by": choice.by,
        "shown": flow_yaml(plan.binding_words(choice)) if choice.element else "",
        "notes": [translate_key(f"onboard.proof_{key}", **words) for key, words in (proof.notes if proof else ())],
        "proposals": [_proposal(each, registry) for each in choice.proposals],
    }


def _proposal(proposal: ElementProposal, registry: Registry) -> Mapping[str, Any]:
    element = registry.elements[proposal.element]
    language = current_language()
    return {
        "element": proposal.element,
        "name": element.name.say(language),
        "definition": element.definition.say(language),
        "unit": element.unit,
        "score": proposal.score,
        "evidence": [{"weight": each.weight, "text": say_evidence(each, language)} for each in proposal.evidence],
    }
