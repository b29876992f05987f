"""The declarations by which a batch was read or a mart was built: those on record, or today's if they are the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from citylake.pipelines.context import RunContext
from citylake.pipelines.history.rebuild.past_batch import PastBatch
from citylake.pipelines.history.rebuild.past_publication import PastBuild
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.token_key import token_key_id
from citylake.pipelines.marts.make.mart_builder import declared_fingerprint
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.contract_fingerprint import contract_fingerprint
from citylake.schemas.read.declaration_texts import load_written_registry, write_declarations
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError


@dataclass(slots=True)
class PastRegistries:
    """Each revision is written below ``folder`` and loaded once; ``context`` has today's declarations."""

    context: RunContext
    folder: Path
    _loaded: dict[str, Registry] = field(default_factory=dict)

    def of_batch(self, batch: PastBatch) -> tuple[Registry, Contract]:
        """Return what the batch was read by. Raises REBUILD_DECLARATIONS_UNKNOWN and REVISION_UNKNOWN."""
        registry = self._registry(batch.revision)
        contract = registry.contracts.get(batch.dataset)
        known = contract is not None and (
            bool(batch.revision) or contract_fingerprint(contract, registry) == batch.fingerprint
        )
        if contract is None or not known:
            what = f"{batch.dataset}, {batch.batch}"
            raise CitylakeError("REBUILD_DECLARATIONS_UNKNOWN", what=what, at=f"{batch.at:%Y-%m-%d %H:%M}")
        return registry, contract

    def of_build(self, build: PastBuild, lake: Lake) -> tuple[Registry, Mart]:
        """Return what the mart was built by; ``lake``: where it is built again. Raises as :meth:`of_batch`."""
        registry = self._registry(build.revision)
        mart = registry.marts.get(build.mart)
        known = mart is not None and (
            bool(build.revision) or declared_fingerprint(mart, registry, lake) == build.tables_hash
        )
        if mart is None or not known:
            what = f"mart.{build.mart}, {build.version or '—'}"
            raise CitylakeError("REBUILD_DECLARATIONS_UNKNOWN", what=what, at=f"{build.at:%Y-%m-%d %H:%M}")
        return registry, mart

    def _registry(self, revision: str) -> Registry:
        if not revision:
            return self.context.registry
        if revision not in self._loaded:
            folder = self.folder / revision
            write_declarations(self.context.ledger.declaration_texts(revision), folder)
            registry = load_written_registry(folder)
            registry.token_key = token_key_id(registry)
            self._loaded[revision] = registry
        return self._loaded[revision]
