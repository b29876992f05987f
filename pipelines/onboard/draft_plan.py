"""Everything that a draft is written from: the source, its sample, and the choice for each field."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import Any

from citylake.pipelines.onboard.binding_proof import BindingProof
from citylake.pipelines.onboard.choose_bindings import FieldChoice, choose_bindings
from citylake.pipelines.onboard.field_facts import named_fields, sample_fields
from citylake.pipelines.onboard.known_tables import KnownTables
from citylake.pipelines.onboard.onboard_decisions import OnboardDecisions
from citylake.pipelines.onboard.source_sample import SourceSample
from citylake.schemas.model.element import DataElement, is_identifier
from citylake.schemas.read.registry import Registry

_KEY_FIELDS = 3
_TELLS = 0.98
"""Share of rows that a key must distinguish: a source may have some duplicates."""
_MEASURES = ("quantity", "amount", "percent", "ratio", "description")
"""Representations that are never part of a key."""
_KEY_COLUMNS = 12
"""Columns among which a key is looked for while nothing is bound."""


@dataclass(frozen=True, slots=True)
class DraftPlan:
    """A dataset to be, its source, and what is known of its fields."""

    dataset: str
    source: Mapping[str, Any]
    sample: SourceSample
    choices: tuple[FieldChoice, ...]
    proofs: Mapping[str, BindingProof] = field(default_factory=dict)
    title: str = ""
    key_columns: tuple[str, ...] = ()
    """Columns that identify the rows of the sample, whatever they mean."""
    notes: Sequence[tuple[str, Mapping[str, Any]]] = ()
    """What a person must do before the source can be read, for example set a connection."""

    @property
    def bound(self) -> list[FieldChoice]:
        """The fields that the contract binds."""
        return [each for each in self.choices if each.element is not None]

    @property
    def unbound(self) -> list[str]:
        """All other columns, in their order."""
        bound = {each.field for each in self.bound}
        # The binding of a geometry reads its reference system from the column beside it.
        bound |= {f"{each.field}.crs" for each in self.bound if each.element and each.element.type == "geometry"}
        return [column for column in self.sample.columns if column not in bound]

    def binding_words(self, choice: FieldChoice) -> dict[str, Any]:
        """The binding of a field, with what its values prove."""
        proof = self.proofs.get(choice.field, BindingProof())
        return {**(choice.binding or {}), **proof.words}


def plan_draft(
    dataset: str,
    source: Mapping[str, Any],
    sample: SourceSample,
    known: KnownTables,
    decisions: OnboardDecisions | None = None,
    title: str = "",
) -> DraftPlan:
    """What a draft for ``sample`` would bind and propose, compared with the tables that are ``known``."""
    facts = sample_fields(sample, title)
    choices = choose_bindings(facts, known, decisions or OnboardDecisions())
    plan = DraftPlan(dataset, source, sample, choices, title=title)
    return replace(plan, key_columns=column_key(plan, known.registry) or ())


def bound_key(plan: DraftPlan) -> tuple[FieldChoice, ...] | None:
    """The smallest set of bound fields, without measured ones, that identifies the sample's rows."""
    usable = [each for each in plan.bound if each.element and each.element.representation not in _MEASURES]
    times = {each.field for each in usable if each.element and each.element.type in ("date", "datetime")}
    named = {each.field for each in usable if each.element and _names_things(each.element)}
    found = _identifying(plan.sample, [each.field for each in usable], times)
    key = next((fields for fields in found if named.intersection(fields)), None)
    return None if key is None else tuple(each for each in usable if each.field in key)


def _names_things(element: DataElement) -> bool:
    """Whether values are numbers of things: codes and times may distinguish the rows of a sample by chance."""
    return is_identifier(element) and (element.representation == "number" or element.check_digit is not None)


def column_key(plan: DraftPlan, registry: Registry) -> tuple[str, ...] | None:
    """The smallest set of columns that identifies the sample's rows, whatever they mean."""
    times = {each.field for each in plan.bound if each.element and each.element.type in ("date", "datetime")}
    measured = {each.field for each in plan.choices if _is_measured(each, registry)}
    columns = [each for each in named_fields(plan.sample.columns) if each not in measured][:_KEY_COLUMNS]
    return next(_identifying(plan.sample, columns, times), None)


def _is_measured(choice: FieldChoice, registry: Registry) -> bool:
    """Whether a field holds measured values, by its element or by the likeliest proposal."""
    likely = choice.proposals[0].element if choice.proposals else ""
    element = choice.element or registry.elements.get(likely)
    return element is not None and element.representation in _MEASURES


def _identifying(sample: SourceSample, fields: Sequence[str], times: set[str]) -> Iterator[tuple[str, ...]]:
    rows = sample.rows
    whole = [name for name in fields if rows.height > 1 and not rows[name].null_count()]
    for count in range(1, _KEY_FIELDS + 1):
        for names in combinations(whole, count):
            if not times.issuperset(names) and rows.select(rows[name] for name in names).n_unique() >= (
                _TELLS * rows.height
            ):
                yield names
