"""Values of a sample that people see while they decide: none that may be personal."""

from __future__ import annotations

from citylake.pipelines.onboard.choose_bindings import FieldChoice
from citylake.pipelines.onboard.draft_plan import DraftPlan
from citylake.pipelines.onboard.field_facts import field_values
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.message_catalogue import translate_key


def shown_values(choice: FieldChoice, plan: DraftPlan, registry: Registry, most: int) -> list[str]:
    """The first ``most`` values of a field; a note in their place if an element that it may be is not open to all."""
    names = {each.element for each in choice.proposals} | ({choice.element.id} if choice.element else set())
    if all(registry.elements[name].sensitivity.shown for name in names):
        return field_values(plan.sample, choice.field)[:most]
    return [translate_key("onboard.values_hidden")]
