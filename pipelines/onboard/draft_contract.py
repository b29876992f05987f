"""Draft of a contract for a sample: fields are bound if name and values fit, the others are listed in ``ignore``."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import yaml

from citylake.pipelines.onboard.detect_values import detect_time_format, fits_element
from citylake.pipelines.onboard.element_candidates import ElementNames, rank_elements
from citylake.pipelines.onboard.number_draft import number_style_words
from citylake.pipelines.onboard.source_sample import SourceSample
from citylake.schemas.model.element import DataElement
from citylake.schemas.read.element_search import nearest_elements
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.message_catalogue import translate_key

_VALUES = 200
_ITEM = re.compile(r"\.\d+(?=\.|$)")
_LIST_ITEMS = 12
"""Columns of one list up to which each may have a meaning: the hours or the months of a wide record."""
_KEY_FIELDS = 3
_TELLS = 0.98
"""Share of rows that a key must distinguish: a source may have some duplicates."""
_MEASURES = ("quantity", "amount", "percent", "ratio", "description")
"""Representations that are never part of a key."""


@dataclass(frozen=True, slots=True)
class FieldProposal:
    """A field and its likely element."""

    field: str
    element: DataElement
    binding: dict[str, Any]


def draft_contract(dataset: str, source: dict[str, Any], sample: SourceSample, registry: Registry) -> str:
    """A contract as YAML; comments, in the user's language, say what a person has to decide."""
    proposals = list(_propose_fields(sample, registry))
    bound = {proposal.field for proposal in proposals}
    # The binding of a geometry reads its reference system from the column beside it.
    bound |= {f"{each.field}.crs" for each in proposals if each.element.type == "geometry"}
    others = [column for column in sample.columns if column not in bound]
    return "\n".join(
        [
            *_draft_head(dataset, _declare_layout(source, sample), sample),
            *_draft_fields(proposals),
            *_draft_ignored(others, registry),
            *_draft_rows(proposals, sample),
            "",
        ]
    )


def _propose_fields(sample: SourceSample, registry: Registry) -> Iterator[FieldProposal]:
    names, taken = ElementNames.of(registry), set[str]()
    for field in named_fields(sample.columns):
        values = _field_values(sample, field)
        fitting = (each for each in rank_elements(field, values, names, registry) if each.symbol not in taken)
        found = next((each for each in fitting if fits_element(each, values, registry)), None) if values else None
        if found is not None:
            taken.add(found.symbol)
            yield FieldProposal(field, found, _field_binding(found, values, registry))


def named_fields(columns: Sequence[str]) -> list[str]:
    """The columns without the items of long lists: a vertex or a reading has no name of its own."""
    lists = Counter(_ITEM.sub(".#", name) for name in columns)
    return [name for name in columns if lists[_ITEM.sub(".#", name)] <= _LIST_ITEMS]


def _field_binding(element: DataElement, values: Sequence[str], registry: Registry) -> dict[str, Any]:
    binding: dict[str, Any] = {"element": element.id}
    if element.type in ("date", "datetime"):
        form = detect_time_format(element, values) or ""
        binding["format"] = form
        if element.type == "datetime" and not form.endswith(("z", "Z", "epoch_s", "epoch_ms")):
            binding["zone"] = registry.workspace.settings.timezone
    if element.type in ("decimal", "integer"):
        binding |= number_style_words(element, values)
    return binding


def _field_values(sample: SourceSample, field: str) -> list[str]:
    found = sample.rows[field].drop_nulls().unique(maintain_order=True).head(_VALUES).to_list()
    return [value for value in found if value.strip()]


def _draft_head(dataset: str, source: dict[str, Any], sample: SourceSample) -> Iterator[str]:
    reasons = sample.layout.comment() if sample.layout else ""
    yield f"dataset: {dataset}"
    yield f"title: {{zh: {dataset}, en: {dataset}}}" + _key_comment("title")
    yield "owner: {department: TODO, steward: TODO}" + _key_comment("owner")
    yield "source:"
    for name, value in source.items():
        yield f"  {name}: {_flow_yaml(value)}" + (f"  # {reasons}" if name == "format" and reasons else "")


def _declare_layout(source: dict[str, Any], sample: SourceSample) -> dict[str, Any]:
    """``source`` with the layout of delimited text, and its encoding unless UTF-8, which every file proves itself."""
    form = source.get("format")
    form = {"type": form} if isinstance(form, str) else form
    if not isinstance(form, dict) or form.get("type") not in ("csv", "xlsx"):
        return source
    encoding = {} if sample.encoding in (None, "utf-8") else {"encoding": sample.encoding}
    stated = {**form, **encoding, **(sample.layout.words if sample.layout else {})}
    ordered = {"type": stated.pop("type"), **stated}
    return {**source, "format": ordered if len(ordered) > 1 else source["format"]}


def _draft_fields(proposals: Sequence[FieldProposal]) -> Iterator[str]:
    yield "fields:" if proposals else "fields: {}" + _key_comment("no_fields")
    for each in proposals:
        unit = _key_comment("unit", unit=each.element.unit) if each.element.unit else ""
        yield f"  {_flow_yaml(each.field)}: {_flow_yaml(each.binding)}{unit}"


def _draft_ignored(others: Sequence[str], registry: Registry) -> Iterator[str]:
    if others:
        yield "ignore:" + _key_comment("ignore")
    named = set(named_fields(others))
    for field in dict.fromkeys(each if each in named else _ITEM.sub(".*", each) for each in others):
        near = ", ".join(nearest_elements(field, registry)) if field in named else ""
        yield f"  - {_flow_yaml(field)}" + (_key_comment("perhaps", names=near) if near else "")


def _draft_rows(proposals: Sequence[FieldProposal], sample: SourceSample) -> Iterator[str]:
    key = _propose_key(proposals, sample)
    if key is None:
        yield "write: {mode: append}" + _key_comment("no_key")
        return
    times = [each.element.symbol for each in key if each.element.type in ("date", "datetime")]
    partition = f", partition: day({times[0]})" if times else ""
    names = ", ".join(each.element.symbol for each in key)
    yield f"write: {{mode: upsert, key: [{names}]{partition}}}" + _key_comment("key")


def _propose_key(proposals: Sequence[FieldProposal], sample: SourceSample) -> tuple[FieldProposal, ...] | None:
    """The smallest set of bound fields, without measured ones, that identifies the sample's rows."""
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


def _key_comment(key: str, **values: str) -> str:
    """A comment at the end of a line."""
    return f"  # {translate_key(f'probe.draft_{key}', **values)}"


def _flow_yaml(value: Any) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
    return text.removesuffix("...\n").strip()
