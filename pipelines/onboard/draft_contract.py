"""A draft of a contract as YAML: what is bound with its evidence, what is open with its proposals."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from citylake.pipelines.onboard.binding_proof import BindingProof
from citylake.pipelines.onboard.choose_bindings import FieldChoice
from citylake.pipelines.onboard.draft_element import guess_type
from citylake.pipelines.onboard.draft_plan import DraftPlan, bound_key
from citylake.pipelines.onboard.draft_target import identifier_of
from citylake.pipelines.onboard.evidence_text import say_all, say_proposal
from citylake.pipelines.onboard.field_facts import field_values, list_pattern, named_fields
from citylake.pipelines.onboard.source_sample import SourceSample
from citylake.schemas.words.message_catalogue import translate_key


def render_draft(plan: DraftPlan) -> str:
    """A contract as YAML; comments, in the user's language, give the evidence and what a person has to decide."""
    return "\n".join([*_draft_head(plan), *_draft_fields(plan), *_draft_ignored(plan), *_draft_rows(plan), ""])


def _draft_head(plan: DraftPlan) -> Iterator[str]:
    title = flow_yaml({"zh": plan.title or plan.dataset, "en": plan.title or plan.dataset})
    reasons = one_line(plan.sample.layout.comment()) if plan.sample.layout else ""
    yield f"dataset: {plan.dataset}"
    yield f"title: {title}" + _comment("title")
    yield "owner: {department: TODO, steward: TODO}" + _comment("owner")
    for key, values in plan.notes:
        yield _comment(key, **values).strip()
    yield "source:"
    for name, value in declare_layout(plan.source, plan.sample).items():
        yield f"  {name}: {flow_yaml(value)}" + (f"  # {reasons}" if name == "format" and reasons else "")
    if _is_text(plan.source) and plan.sample.ascii_only:
        yield "  " + _comment("ascii").strip()


def _is_text(source: Mapping[str, Any]) -> bool:
    form = source.get("format")
    return (form if isinstance(form, str) else dict(form or {}).get("type")) == "csv"


def declare_layout(source: Mapping[str, Any], sample: SourceSample) -> dict[str, Any]:
    """``source`` with the layout of delimited text, and its encoding unless its bytes prove UTF-8."""
    form = source.get("format")
    form = {"type": form} if isinstance(form, str) else form
    if not isinstance(form, dict) or form.get("type") not in ("csv", "xlsx"):
        return dict(source)
    proven = sample.encoding is None or (sample.encoding == "utf-8" and sample.encoding_kind == "proven")
    encoding = {} if proven else {"encoding": sample.encoding}
    stated = {**form, **encoding, **(sample.layout.words if sample.layout else {})}
    ordered = {"type": stated.pop("type"), **stated}
    return {**source, "format": ordered if len(ordered) > 1 else source["format"]}


def _draft_fields(plan: DraftPlan) -> Iterator[str]:
    yield "fields:" if plan.bound else "fields: {}" + _comment("no_fields")
    for each in plan.bound:
        yield f"  # {one_line(evidence_comment(each))}"
        proof = plan.proofs.get(each.field, BindingProof())
        for key, values in proof.notes:
            yield f"  # {one_line(translate_key(f'onboard.proof_{key}', **values))}"
        unit = each.element.unit if each.element else None
        stated = any(key.startswith("unit") for key, _ in proof.notes)
        asked = _comment("unit", unit=unit) if unit and not stated else ""
        yield f"  {flow_yaml(each.field)}: {flow_yaml(plan.binding_words(each))}{asked}"


def evidence_comment(choice: FieldChoice) -> str:
    """Why a field is bound: that it is sure, or that a person accepted it, with the evidence on both sides."""
    reasons = say_all(choice.evidence)
    said = translate_key(f"onboard.bound_{choice.by}") + (f": {reasons}" if reasons else "")
    return said if choice.fits else f"{said}; − {translate_key('onboard.evidence_values_unfit')}"


def _draft_ignored(plan: DraftPlan) -> Iterator[str]:
    others = plan.unbound
    if others:
        yield "ignore:" + _comment("ignore")
    named = set(named_fields(others))
    proposals = {each.field: each.proposals for each in plan.choices}
    for field in dict.fromkeys(each if each in named else list_pattern(each) for each in others):
        yield f"  - {flow_yaml(field)}"
        for each in proposals.get(field, ()):
            yield f"  #   {one_line(translate_key('onboard.draft_perhaps', names=say_proposal(each)))}"
        if field in named and not proposals.get(field):
            yield from _missing_element(plan, field)


def _missing_element(plan: DraftPlan, field: str) -> Iterator[str]:
    """The command that drafts an element, if the field has values and a name that an id can be made of."""
    values, name = field_values(plan.sample, field), identifier_of(field)
    if values and name and name[0].isalpha():
        wanted = f"{plan.dataset.partition('.')[0]}.{name}"
        words = shlex.join([wanted, "--type", guess_type(values), "--synonym", field])
        yield f"  #   {one_line(translate_key('onboard.draft_missing', command=f'citylake elements new {words}'))}"


def _draft_rows(plan: DraftPlan) -> Iterator[str]:
    key = bound_key(plan)
    if key is None:
        yield "write: {mode: append}" + _comment("no_key")
        if plan.key_columns:
            yield _comment("key_columns", names=", ".join(plan.key_columns)).strip()
        return
    columns_of = {each.field: _column(each) for each in key}
    times = [columns_of[each.field] for each in key if each.element and each.element.type in ("date", "datetime")]
    partition = f", partition: day({times[0]})" if times else ""
    names = ", ".join(columns_of.values())
    yield f"write: {{mode: upsert, key: [{names}]{partition}}}" + _comment("key")


def _column(choice: FieldChoice) -> str:
    symbol = choice.element.symbol if choice.element else ""
    return str((choice.binding or {}).get("as", symbol))


def _comment(key: str, **values: Any) -> str:
    """A comment at the end of a line."""
    return f"  # {one_line(translate_key(f'onboard.draft_{key}', **values))}"


def one_line(text: str) -> str:
    """``text`` as a comment takes it: names and values of a source may have line breaks."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())


def flow_yaml(value: Any) -> str:
    """``value`` on one line."""
    text: str = yaml.safe_dump(value, default_flow_style=True, allow_unicode=True, width=10_000, sort_keys=False)
    return text.removesuffix("...\n").strip()
