"""Which fields of a draft are bound: only those that are sure, and those that a person accepted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from citylake.pipelines.match.field_proposal import ElementProposal, FieldFacts, MatchEvidence
from citylake.pipelines.match.propose_elements import propose_elements
from citylake.pipelines.onboard.compare_distribution import compare_distributions
from citylake.pipelines.onboard.detect_values import detect_time_format, fits_element
from citylake.pipelines.onboard.known_tables import KnownTables
from citylake.pipelines.onboard.number_draft import number_style_words
from citylake.pipelines.onboard.onboard_decisions import OnboardDecisions
from citylake.pipelines.onboard.rival_units import unit_by_range
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.registry import Registry

BoundBy = Literal["sure", "accepted"]


@dataclass(frozen=True, slots=True)
class FieldChoice:
    """A field, what is proposed for it, and what it is bound to, if anything.

    ``fits``: whether the values can be read as the bound element; an accepted one may contradict them.
    """

    field: str
    proposals: tuple[ElementProposal, ...]
    element: DataElement | None = None
    by: BoundBy | None = None
    binding: Mapping[str, Any] | None = None
    fits: bool = True

    @property
    def evidence(self) -> tuple[MatchEvidence, ...]:
        """The evidence for and against the bound element."""
        chosen = self.element.id if self.element else None
        return next((each.evidence for each in self.proposals if each.element == chosen), ())


def choose_bindings(
    fields: Sequence[FieldFacts], known: KnownTables, decisions: OnboardDecisions
) -> tuple[FieldChoice, ...]:
    """What each field of ``known.dataset`` is bound to.

    Where two fields are sure of one element, a person has to choose.
    """
    registry = known.registry
    proposed = propose_elements(fields, registry, decisions.refused, dataset=known.dataset)
    proposed = compare_distributions(proposed, fields, known)
    choices = [_choose(facts, proposed.get(facts.name, ()), registry, decisions) for facts in fields]
    return tuple(_withdraw_shared(choices))


def _choose(
    facts: FieldFacts, proposals: tuple[ElementProposal, ...], registry: Registry, decisions: OnboardDecisions
) -> FieldChoice:
    open_choice = FieldChoice(facts.name, proposals)
    accepted = registry.elements.get(decisions.accepted.get(facts.name, ""))
    if accepted is not None:
        return _bind(open_choice, accepted, "accepted", facts, registry)
    best = next((each for each in proposals if each.sure), None)
    element = registry.elements.get(best.element) if best else None
    if element is None or not facts.values or not fits_somehow(element, facts.values, registry):
        return open_choice
    return _bind(open_choice, element, "sure", facts, registry)


def _bind(choice: FieldChoice, element: DataElement, by: BoundBy, facts: FieldFacts, registry: Registry) -> FieldChoice:
    fits = not facts.values or fits_somehow(element, facts.values, registry)
    binding = field_binding(element, facts.values, registry)
    return replace(choice, element=element, by=by, binding=binding, fits=fits)


def fits_somehow(element: DataElement, values: Sequence[str], registry: Registry) -> bool:
    """Whether the values can be read as the element, perhaps in another unit that its range proves."""
    return fits_element(element, values, registry) or unit_by_range(element, values) is not None


def field_binding(element: DataElement, values: Sequence[str], registry: Registry) -> dict[str, Any]:
    """The words of a binding that the values prove: the format of times, the style of numbers."""
    binding: dict[str, Any] = {"element": element.id}
    if element.type in ("date", "datetime"):
        form = detect_time_format(element, values)
        if form:
            binding["format"] = form
        if element.type == "datetime" and not (form or "").endswith(("z", "Z", "epoch_s", "epoch_ms")):
            binding["zone"] = registry.workspace.settings.timezone
    if element.type in ("decimal", "integer"):
        binding |= number_style_words(element, values)
    return binding


def _withdraw_shared(choices: Sequence[FieldChoice]) -> list[FieldChoice]:
    """Without bindings that several fields are sure of; accepted ones get columns of their own."""
    accepted = {each.element.symbol for each in choices if each.element and each.by == "accepted"}
    sure = Counter(each.element.symbol for each in choices if each.element and each.by == "sure")
    given: Counter[str] = Counter()
    found = []
    for each in choices:
        symbol = each.element.symbol if each.element else ""
        if each.by == "sure" and (symbol in accepted or sure[symbol] > 1):
            found.append(replace(each, element=None, by=None, binding=None))
            continue
        given[symbol] += 1
        if each.binding is not None and given[symbol] > 1:
            each = replace(each, binding={**each.binding, "as": f"{symbol}_{given[symbol]}"})
        found.append(each)
    return found
