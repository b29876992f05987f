"""What a run leaves out because its declaration has a fault: reported and recorded as failed, the others go on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from citylake.pipelines.context import RunContext
from citylake.pipelines.records import BatchResult, Publication
from citylake.schemas.read.registry import FaultyDeclaration, Registry

Kind = Literal["dataset", "mart"]


@dataclass(frozen=True, slots=True)
class FaultyPart:
    """The faulty ``declarations`` among what a run was asked for; ``named``: whether it was asked for by name."""

    declarations: tuple[FaultyDeclaration, ...]
    named: bool

    @classmethod
    def of(cls, registry: Registry, datasets: Collection[str], marts: Collection[str]) -> FaultyPart:
        """Those of the given names; all of them, if no name is given."""
        named = bool(datasets or marts)
        names = {("dataset", name) for name in datasets} | {("mart", name) for name in marts}
        found = (each for each in registry.faulty if not named or (each.kind, each.id) in names)
        return cls(tuple(found), named)

    def of_kind(self, kind: Kind) -> list[FaultyDeclaration]:
        """Those of one kind."""
        return [each for each in self.declarations if each.kind == kind]

    def without(self, names: Collection[str], kind: Kind) -> list[str]:
        """``names`` without the faulty ones."""
        faulty = {each.id for each in self.of_kind(kind)}
        return [name for name in names if name not in faulty]

    def leaves(self, kind: Kind, datasets: Collection[str], marts: Collection[str]) -> bool:
        """Whether anything of ``kind`` is to run: an empty list means everything, unless faulty ones were named."""
        if datasets or marts:
            return kind == "mart" or bool(datasets)
        return not self.named

    def record_datasets(self, context: RunContext) -> list[BatchResult]:
        """One failed result for each dataset, also in the ledger."""
        found = [BatchResult(each.id, "failed", problems=(each.problem,)) for each in self.of_kind("dataset")]
        context.ledger.add_batches(found, "", context.run.id)
        return found

    def record_marts(self, context: RunContext) -> list[Publication]:
        """One failed publication for each mart, also in the ledger."""
        found = [Publication(each.id, "failed", problems=(each.problem,)) for each in self.of_kind("mart")]
        for each in found:
            context.ledger.add_publication(each, {}, "", context.run.id)
        return found
