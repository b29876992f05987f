"""Fields that a department delivers and no contract binds, and the elements that they may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from citylake.pipelines.match.field_proposal import FieldFacts
from citylake.pipelines.match.propose_elements import propose_elements
from citylake.pipelines.silo.source_values import FieldValues
from citylake.schemas.model.contract import Contract
from citylake.schemas.read.registry import Registry

MOST_FIELDS = 400
"""Fields that are judged, at most: each is compared with every element."""
LEAST_SCORE = 0.5
"""The least score of a proposal that counts as matching."""


@dataclass(frozen=True, slots=True)
class UnboundField:
    """A field that may be bound to ``element``. ``values``: different ones of the sample, without blanks."""

    dataset: str
    department: str
    field: str
    element: str
    score: float
    sure: bool
    values: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldJudgement:
    """The fields that match an element, and how many fields were ``judged`` and ``left_out``."""

    matching: tuple[UnboundField, ...]
    judged: int
    left_out: int


def judge_fields(registry: Registry, samples: Mapping[str, FieldValues], most: int = MOST_FIELDS) -> FieldJudgement:
    """Find the unbound fields that match an element which their dataset does not have yet.

    At most ``most`` fields are judged, dataset by dataset; the others are counted.
    """
    found: list[UnboundField] = []
    judged = left_out = 0
    for name in sorted(registry.contracts):
        contract, sample = registry.contracts[name], samples.get(name, {})
        names = unbound_names(contract, list(sample))
        chosen = names[: max(0, most - judged)]
        judged, left_out = judged + len(chosen), left_out + len(names) - len(chosen)
        found += _of_dataset(registry, contract, sample, chosen)
    return FieldJudgement(tuple(found), judged, left_out)


def unbound_names(contract: Contract, present: list[str]) -> list[str]:
    """Return the fields that nothing binds: those that the contract ignores by name, and others that were received.

    Where the contract reshapes the source, its fields are not those that were received: only the ignored ones count.
    """
    ignored = [name for name in contract.ignore if "*" not in name]
    received = [] if contract.reshape else present
    used = set(_used_names(contract))
    return [name for name in dict.fromkeys((*ignored, *received)) if name not in used]


def _used_names(contract: Contract) -> Iterator[str]:
    yield from contract.where
    for name, binding in contract.fields.items():
        yield name
        yield from (binding.source,) if isinstance(binding.source, str) else binding.source or ()
        yield from binding.row_fields
        yield from (each.was for each in binding.former_names)
        yield from (each for each in binding.names if isinstance(each, str))
        if binding.pair:
            yield binding.pair


def _of_dataset(
    registry: Registry, contract: Contract, sample: FieldValues, names: list[str]
) -> Iterator[UnboundField]:
    if not names:
        return
    facts = [_facts(contract, name, sample) for name in names]
    proposed = propose_elements(facts, registry, dataset=contract.dataset)
    bound = {binding.element for binding in contract.fields.values()}
    for each in facts:
        best = next((one for one in proposed.get(each.name, ()) if one.score >= LEAST_SCORE), None)
        if best and best.element not in bound:
            owner = contract.owner.department
            yield UnboundField(contract.dataset, owner, each.name, best.element, best.score, best.sure, each.values)


def _facts(contract: Contract, name: str, sample: FieldValues) -> FieldFacts:
    received = sample.get(name, [])
    filled = [value for value in received if value and value.strip()]
    return FieldFacts(
        name,
        values=tuple(dict.fromkeys(filled)),
        rows=len(received),
        empty=len(received) - len(filled),
        neighbours=tuple(each for each in (*contract.fields, *contract.ignore) if each != name),
        table=contract.title.zh,
        department=contract.owner.department,
    )
