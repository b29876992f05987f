"""A first contract for a sample: fields bound where name and values agree, the others named and left alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import yaml

from pipelines.probe.names import Names, candidates
from pipelines.probe.sample import Sample
from pipelines.probe.values import fits, time_format
from schemas.catalogue import word
from schemas.element import DataElement
from schemas.elements_view import nearest
from schemas.registry import Registry

_VALUES = 200
_KEY_FIELDS = 3
_TELLS = 0.98
"""Share of rows that a key tells apart: a source may repeat itself now and then."""
_MEASURES = ("quantity", "amount", "percent", "ratio", "description")
"""What is measured or told of a thing never says which thing it is."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A field and the element that it is likely to be."""

    field: str
    element: DataElement
    binding: dict[str, Any]


def draft(dataset: str, source: dict[str, Any], sample: Sample, registry: Registry) -> str:
    """A contract as YAML: what a person has to decide is said in comments, in their language."""
    proposals = list(_proposals(sample, registry))
    bound = {proposal.field for proposal in proposals}
    others = [column for column in sample.columns if column not in bound]
    return "\n".join(
        [*_head(dataset, source), *_fields(proposals), *_ignored(others, registry), *_write(proposals, sample), ""]
    )


def _proposals(sample: Sample, registry: Registry) -> Iterator[Proposal]:
    names, taken = Names.of(registry), set[str]()
    for field in sample.columns:
        values = _values(sample, field)
        fitting = (each for each in candidates(field, values, names, registry) if each.symbol not in taken)
        found = next((each for each in fitting if fits(each, values, registry)), None) if values else None
        if found is not None:
            taken.add(found.symbol)
            yield Proposal(field, found, _binding(found, values, registry))


def _binding(element: DataElement, values: Sequence[str], registry: Registry) -> dict[str, Any]:
    binding: dict[str, Any] = {"element": element.id}
    if element.type in ("date", "datetime"):
        form = time_format(element, values) or ""
        binding["format"] = form
        if element.type == "datetime" and not form.endswith(("z", "Z", "epoch_s", "epoch_ms")):
            binding["zone"] = registry.workspace.settings.timezone
    return binding


def _values(sample: Sample, field: str) -> list[str]:
    found = sample.rows[field].drop_nulls().unique(maintain_order=True).head(_VALUES).to_list()
    return [value for value in found if value.strip()]


def _head(dataset: str, source: dict[str, Any]) -> Iterator[str]:
    yield f"dataset: {dataset}"
    yield f"title: {{zh: {dataset}, en: {dataset}}}" + _said("title")
    yield "owner: {department: TODO, steward: TODO}" + _said("owner")
    yield "source:"
    yield from (f"  {name}: {_flow(value)}" for name, value in source.items())


def _fields(proposals: Sequence[Proposal]) -> Iterator[str]:
    yield "fields:" if proposals else "fields: {}" + _said("no_fields")
    for each in proposals:
        unit = _said("unit", unit=each.element.unit) if each.element.unit else ""
        yield f"  {_flow(each.field)}: {_flow(each.binding)}{unit}"


def _ignored(others: Sequence[str], registry: Registry) -> Iterator[str]:
    if others:
        yield "ignore:" + _said("ignore")
    for field in others:
        near = ", ".join(nearest(field, registry, cutoff=0.5))
        yield f"  - {_flow(field)}" + (_said("perhaps", names=near) if near else "")


def _write(proposals: Sequence[Proposal], sample: Sample) -> Iterator[str]:
    key = _key(proposals, sample)
    if key is None:
        yield "write: {mode: append}" + _said("no_key")
        return
    times = [each.element.symbol for each in key if each.element.type in ("date", "datetime")]
    partition = f", partition: day({times[0]})" if times else ""
    names = ", ".join(each.element.symbol for each in key)
    yield f"write: {{mode: upsert, key: [{names}]{partition}}}" + _said("key")


def _key(proposals: Sequence[Proposal], sample: Sample) -> tuple[Proposal, ...] | None:
    """The fewest bound fields, what is measured or told left out, that tell the sample's rows apart."""
    usable = [each for each in proposals if each.element.representation not in _MEASURES]
    usable = [each for each in usable if not sample.rows[each.field].null_count()]
    for count in range(1, _KEY_FIELDS + 1):
        for chosen in combinations(usable, count):
            names = [each.field for each in chosen]
            if all(each.element.type in ("date", "datetime") for each in chosen):
                continue
            if sample.rows.height > 1 and sample.rows.select(names).n_unique() >= _TELLS * sample.rows.height:
                return chosen
    return None


def _said(key: str, **values: str) -> str:
    """A comment at the end of a line."""
    return f"  # {word(f'probe.draft_{key}', **values)}"


def _flow(value: Any) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
    return text.removesuffix("...\n").strip()
