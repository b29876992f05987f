"""From a table of a source to a draft: the sample, the decisions of people, what the values prove, and the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.onboard.contract_edit import add_bindings
from citylake.pipelines.onboard.draft_contract import evidence_comment, render_draft
from citylake.pipelines.onboard.draft_plan import DraftPlan, plan_draft
from citylake.pipelines.onboard.draft_target import DraftTarget
from citylake.pipelines.onboard.evidence_text import say_evidence
from citylake.pipelines.onboard.known_tables import KnownTables
from citylake.pipelines.onboard.onboard_decisions import (
    FieldElement,
    OnboardDecisions,
    load_decisions,
    save_decisions,
)
from citylake.pipelines.onboard.prove_binding import prove_bindings
from citylake.pipelines.onboard.source_sample import SourceSample, sample_source
from citylake.schemas.base.fuzzy_match import nearest_words
from citylake.schemas.read.element_search import find_element
from citylake.schemas.read.registry import Registry
from citylake.schemas.read.workspace_writer import write_workspace_file
from citylake.schemas.words.errors import CitylakeError


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What a person says now: pairs of field and element id."""

    accepted: tuple[FieldElement, ...] = ()
    refused: tuple[FieldElement, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything was decided."""
        return bool(self.accepted or self.refused)


def parse_verdicts(accept: Sequence[str], refuse: Sequence[str], registry: Registry) -> Verdicts:
    """``FIELD=ELEMENT`` as pairs; raises ONBOARD_VERDICT_UNREADABLE and ELEMENT_NOT_FOUND."""
    return Verdicts(*(tuple(_parse_pair(each, registry) for each in texts) for texts in (accept, refuse)))


def _parse_pair(text: str, registry: Registry) -> FieldElement:
    field, sign, element = text.rpartition("=")
    if not sign or not field or not element.strip():
        raise CitylakeError("ONBOARD_VERDICT_UNREADABLE", text=text)
    return field, find_element(element.strip(), registry).id


def sample_targets(targets: Sequence[DraftTarget], variables: Mapping[str, str], zone: str | None) -> list[DraftTarget]:
    """The targets with their samples; raises what reading the source raises."""
    return [
        each if each.sample else replace(each, sample=sample_source(each.sampled or each.source, variables, zone))
        for each in targets
    ]


def check_fields(verdicts: Verdicts, targets: Sequence[DraftTarget]) -> None:
    """Raise ONBOARD_FIELD_UNKNOWN for a field that no table has."""
    for pair in (*verdicts.accepted, *verdicts.refused):
        if not any(own_pairs([pair], each) for each in targets):
            known = [column for each in targets if each.sample for column in each.sample.columns]
            near = ", ".join(nearest_words(pair[0], known))
            raise CitylakeError("ONBOARD_FIELD_UNKNOWN", field=pair[0], suggestion=near)


def own_pairs(pairs: Iterable[FieldElement], target: DraftTarget) -> list[FieldElement]:
    """The pairs about fields of ``target``; ``DATASET:FIELD`` is a field of that dataset alone."""
    columns = set(target.sample.columns if target.sample else ())
    short = ((field.removeprefix(f"{target.dataset}:"), element) for field, element in pairs)
    return [pair for pair in short if pair[0] in columns]


def decide(target: DraftTarget, verdicts: Verdicts, root: Path) -> OnboardDecisions:
    """What has been decided about the target's fields; new verdicts are kept in the workspace."""
    decisions = load_decisions(root, target.dataset)
    new = decisions.accept(own_pairs(verdicts.accepted, target)).refuse(own_pairs(verdicts.refused, target))
    if new != decisions:
        save_decisions(root, target.dataset, new)
    return new


def plan_target(
    target: DraftTarget, registry: Registry, decisions: OnboardDecisions, lake: Lake | None = None
) -> DraftPlan:
    """The draft of a sampled target; ``lake``: the tables that its values are compared with."""
    sample = target.sample or SourceSample((), pl.DataFrame())
    known = KnownTables(registry, lake, target.dataset)
    plan = plan_draft(target.dataset, target.source, sample, known, decisions, target.name)
    return replace(prove_bindings(plan, known), notes=target.notes)


def contract_file(dataset: str, registry: Registry) -> Path:
    """Where the contract of ``dataset`` is, or where it will be."""
    known = registry.places.get(("dataset", dataset))
    subject, _, name = dataset.rpartition(".")
    folder = registry.workspace.root / "datasets" / subject.replace(".", "/")
    return known.path if known else folder / f"{name}.yaml"


def write_contract(plan: DraftPlan, registry: Registry) -> tuple[Path, list[str] | None]:
    """Write the draft. Of a contract that exists, only what was accepted is added: the fields are returned.

    Raises ONBOARD_CONTRACT_UNEDITABLE and WORKSPACE_NOT_WRITABLE.
    """
    file = contract_file(plan.dataset, registry)
    if not file.exists() or not file.read_text(encoding="utf-8").strip():
        write_workspace_file(file, render_draft(plan))
        return file, None
    accepted = [each for each in plan.bound if each.by == "accepted"]
    return file, add_bindings(
        file, {each.field: (plan.binding_words(each), evidence_comment(each)) for each in accepted}
    )


def describe_plan(plan: DraftPlan) -> dict[str, Any]:
    """The draft for JSON: source, contract, and each field with its proposals and their evidence."""
    return {
        "dataset": plan.dataset,
        "source": dict(plan.source),
        "contract": render_draft(plan),
        "fields": [
            {
                "field": each.field,
                "bound": plan.binding_words(each) or None,
                "by": each.by,
                "proposals": [
                    {
                        "element": proposal.element,
                        "score": proposal.score,
                        "sure": proposal.sure,
                        "evidence": [
                            {"kind": one.kind, "code": one.code, "weight": one.weight, "text": say_evidence(one)}
                            for one in proposal.evidence
                        ],
                    }
                    for proposal in each.proposals
                ],
            }
            for each in plan.choices
        ],
    }
