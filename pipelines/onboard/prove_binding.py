"""Unit, codes, frame, label and zone of the bound fields: stated where the values prove them, else said to be open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from citylake.pipelines.onboard.binding_proof import BindingProof
from citylake.pipelines.onboard.draft_plan import DraftPlan
from citylake.pipelines.onboard.field_facts import field_values
from citylake.pipelines.onboard.known_tables import KnownTables
from citylake.pipelines.onboard.prove_codes import prove_codes
from citylake.pipelines.onboard.prove_frame import prove_frame
from citylake.pipelines.onboard.prove_label import prove_label
from citylake.pipelines.onboard.prove_unit import prove_unit


def prove_bindings(plan: DraftPlan, known: KnownTables) -> DraftPlan:
    """The plan with a proof for each bound field about which something is proven, or known to be missing."""
    proofs: dict[str, list[BindingProof]] = {}
    for each in plan.bound:
        if each.element is not None:
            values = field_values(plan.sample, each.field)
            proofs[each.field] = [
                prove_unit(each.field, each.element, values, known),
                prove_codes(each.element, values, known),
            ]
    for found in (prove_frame(plan, known), prove_label(plan, known)):
        for field, proof in found.items():
            proofs[field].append(proof)
    return replace(plan, proofs={field: _joined(each) for field, each in proofs.items()})


def _joined(proofs: Sequence[BindingProof]) -> BindingProof:
    words = {word: value for each in proofs for word, value in each.words.items()}
    return BindingProof(words, [note for each in proofs for note in each.notes])
