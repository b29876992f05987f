"""A draft of a contract for a sample, compared with no lake."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from citylake.pipelines.onboard.draft_contract import render_draft
from citylake.pipelines.onboard.draft_plan import plan_draft
from citylake.pipelines.onboard.known_tables import KnownTables
from citylake.pipelines.onboard.onboard_decisions import OnboardDecisions
from citylake.pipelines.onboard.source_sample import SourceSample
from citylake.schemas.read.registry import Registry


def draft_contract(
    dataset: str,
    source: Mapping[str, Any],
    sample: SourceSample,
    registry: Registry,
    decisions: OnboardDecisions | None = None,
) -> str:
    return render_draft(plan_draft(dataset, source, sample, KnownTables(registry, None, dataset), decisions))
