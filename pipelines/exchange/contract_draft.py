"""A draft of a contract out of another format's description: what is certain is bound, the rest is listed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.element import DataElement, ElementType
from citylake.schemas.read.element_search import nearest_elements
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.message_catalogue import translate_key

TODO: Final = "TODO"
_TIME_FORMATS: Final[Mapping[str, str]] = {
    "date": "%Y-%m-%d",
    "datetime": "%Y-%m-%dT%H:%M:%S%.f%:z",
    "time": "%H:%M:%S%.f",
}


@dataclass(frozen=True, slots=True)
class DraftField:
    """A field of the description. ``element``: the id of an element of the workspace that the description names.

    ``protection``: what it holds instead of values; such a field is not bound, or it would be protected twice.
    """

    name: str
    type: ElementType | None = None
    title: str = ""
    unit: str | None = None
    element: DataElement | None = None
    required: bool = False
    format: str | None = None
    protection: str = ""

    @property
    def bound(self) -> DataElement | None:
        """The element that the draft binds the field to."""
        return None if self.protection else self.element

    @property
    def column(self) -> str:
        """The standard column, if the field is bound."""
        return self.bound.symbol if self.bound and not _is_column(self.name) else self.name


@dataclass(frozen=True, slots=True)
class ContractDraft:
    """``key``: names of fields. ``sentinels``: texts that stand for no value."""

    dataset: str
    title: LocalizedText
    fields: tuple[DraftField, ...]
    key: tuple[str, ...] = ()
    department: str = TODO
    steward: str = TODO
    source: Mapping[str, Any] = field(default_factory=lambda: {"connector": "files", "path": TODO, "format": "csv"})
    sentinels: tuple[str, ...] = ()
    schedule: Mapping[str, Any] | None = None


def render_contract_draft(draft: ContractDraft, registry: Registry) -> str:
    """The draft as YAML; comments, in the user's language, say what a person has to decide."""
    return "\n".join([*_head(draft), *_fields(draft), *_ignored(draft, registry), _write(draft), ""])


def flow_yaml(value: Any) -> str:
    """``value`` on one line."""
    text: str = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
    return text.removesuffix("...\n").strip()


def _head(draft: ContractDraft) -> Iterator[str]:
    yield f"dataset: {draft.dataset}"
    yield f"title: {flow_yaml({'zh': draft.title.zh, 'en': draft.title.en})}"
    owner = flow_yaml({"department": draft.department, "steward": draft.steward})
    yield f"owner: {owner}" + (_comment("owner") if TODO in (draft.department, draft.steward) else "")
    yield f"source: {flow_yaml(dict(draft.source))}" + (_own_comment("source") if TODO in draft.source.values() else "")
    if draft.schedule:
        yield f"schedule: {flow_yaml(dict(draft.schedule))}"
    if draft.sentinels:
        yield f"sentinels: {flow_yaml(list(draft.sentinels))}"


def _fields(draft: ContractDraft) -> Iterator[str]:
    bound = [each for each in draft.fields if each.bound]
    yield "fields:" if bound else "fields: {}" + _comment("no_fields")
    for each in bound:
        yield f"  {flow_yaml(each.name)}: {flow_yaml(_binding(each))}"


def _binding(each: DraftField) -> dict[str, Any]:
    element = each.bound
    if element is None:
        return {}
    kind = each.type or element.type
    form = each.format or (_TIME_FORMATS.get(kind) if element.type == kind else None)
    words = {
        "element": element.id,
        "as": each.column if each.column != element.symbol else None,
        "required": each.required or None,
        "format": form if element.type in _TIME_FORMATS else None,
        "unit": each.unit if element.type in ("integer", "decimal") else None,
    }
    return {key: value for key, value in words.items() if value is not None}


def _ignored(draft: ContractDraft, registry: Registry) -> Iterator[str]:
    others = [each for each in draft.fields if not each.bound]
    if others:
        yield "ignore:" + _comment("ignore")
    for each in others:
        yield f"  - {flow_yaml(each.name)}"
        about = ", ".join(str(word) for word in (each.title, each.type, each.unit) if word)
        if about:
            yield f"  #   {_one_line(about)}"
        if each.protection:
            yield f"  #   {_one_line(translate_key('exchange.draft_protected', protection=each.protection))}"
        near = dict.fromkeys((*nearest_elements(each.name, registry), *nearest_elements(each.title, registry)))
        if near and not each.protection:
            yield f"  #   {_one_line(translate_key('onboard.draft_perhaps', names=', '.join(near)))}"


def _write(draft: ContractDraft) -> str:
    """The key is written only if all of its fields are bound."""
    columns = {each.name: each.column for each in draft.fields if each.bound}
    if draft.key and set(draft.key) <= columns.keys():
        return f"write: {flow_yaml({'mode': 'upsert', 'key': [columns[name] for name in draft.key]})}"
    return "write: {mode: append}" + (
        _own_comment("key", names=", ".join(draft.key)) if draft.key else _comment("no_key")
    )


def _comment(key: str, **values: Any) -> str:
    return f"  # {_one_line(translate_key(f'onboard.draft_{key}', **values))}"


def _own_comment(key: str, **values: Any) -> str:
    return f"  # {_one_line(translate_key(f'exchange.draft_{key}', **values))}"


def _one_line(text: str) -> str:
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())


def _is_column(name: str) -> bool:
    return re.fullmatch(r"[a-z][a-z0-9_]*", name) is not None
