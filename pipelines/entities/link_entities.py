"""Links the records of an entity: reads them, finds pairs, forms clusters, names them, and stores what is new."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from citylake.pipelines.context import RunContext
from citylake.pipelines.entities.entity_ids import assign_entity_ids
from citylake.pipelines.entities.entity_records import RecordCounts, entity_datasets, read_records
from citylake.pipelines.entities.form_clusters import form_clusters
from citylake.pipelines.entities.link_edges import add_decided_pairs, add_identifier_edges, standing_decisions
from citylake.pipelines.entities.link_rows import create_link_rows
from citylake.pipelines.entities.link_tables import links_root, view_links, view_pairs, write_links
from citylake.pipelines.entities.similar_pairs import add_similar_edges
from citylake.pipelines.lake.conflict_retry import retry_conflicts
from citylake.pipelines.lake.delta_table import delta_version, open_delta_if_exists
from citylake.pipelines.lake.digests.record_files import record_curated_files
from citylake.pipelines.marts.make.curated_table import read_build_inputs
from citylake.pipelines.marts.make.mart_engine import MartEngine
from citylake.pipelines.marts.make.rebuild_days import BuildInputs
from citylake.schemas.model.entity import ENTITY_SCHEMA, EntityDeclaration
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection

METHOD = "1"
"""Changes with the method, so that every lake links anew."""


@dataclass(frozen=True, slots=True)
class LinkOutcome:
    """What linking one entity did. ``unchanged``: nothing that decides the links is new, or they came out the same."""

    entity: str
    unchanged: bool
    version: int
    counts: Mapping[str, RecordCounts] = field(default_factory=dict)
    """By dataset; empty if the records did not have to be read."""
    seconds: float = 0.0


def find_entity(context: RunContext, entity: str) -> EntityDeclaration:
    """The declaration of an entity. Raises ENTITY_UNKNOWN."""
    known = context.registry.entities
    if entity not in known:
        raise CitylakeError("ENTITY_UNKNOWN", entity=entity, known=", ".join(sorted(known)) or "—")
    return known[entity]


def link_entities(context: RunContext, entities: Collection[str] = (), *, again: bool = False) -> list[LinkOutcome]:
    """Link the entities (all, if none is named) whose datasets, declaration or decisions changed; ``again``: all.

    Raises ENTITY_UNKNOWN, ENTITY_KEY_AMBIGUOUS, ENTITY_EXTRA_MISSING and COMMIT_CONFLICT.
    """
    chosen = [find_entity(context, name) for name in entities] or list(context.registry.entities.values())
    done = [_link_entity(context, entity, again=again) for entity in chosen]
    if not all(each.unchanged for each in done):
        record_curated_files(context.ledger, context.run.id, ENTITY_SCHEMA, context.run.started_at)
    return done


def _link_entity(context: RunContext, entity: EntityDeclaration, *, again: bool) -> LinkOutcome:
    root = links_root(context.lake, entity.entity)
    return retry_conflicts(root, lambda: _try_link(context, entity, root, again=again))


def _try_link(context: RunContext, entity: EntityDeclaration, root: str, *, again: bool) -> LinkOutcome:
    start = time.perf_counter()
    decided = standing_decisions(context.ledger, entity.entity)
    held, now = open_delta_if_exists(context.lake, root), _inputs(context, entity, decided)
    if not again and held is not None and read_build_inputs(held) == now:
        return LinkOutcome(entity.entity, unchanged=True, version=held.version())
    zone = context.registry.workspace.settings.timezone
    with MartEngine(context.lake, zone, context.budget.engine) as engine, engine.room() as connection:
        counts = read_records(entity, context, now.versions, engine, connection)
        compute_links(connection, engine, context, entity, decided)
        changed = write_links(connection, context.lake, entity, held, now)
    version = delta_version(context.lake, root)
    return LinkOutcome(entity.entity, not changed, version, counts, time.perf_counter() - start)


def compute_links(
    connection: DuckDBPyConnection,
    engine: MartEngine,
    context: RunContext,
    entity: EntityDeclaration,
    decided: pl.DataFrame,
) -> None:
    """Create ``new_link`` and ``new_pairs`` from ``record`` and ``identifier``."""
    view_links(connection, context.lake, entity.entity, "earlier")
    view_pairs(connection, context.lake, entity.entity, "earlier_pairs")
    add_decided_pairs(connection, decided)
    add_identifier_edges(connection)
    add_similar_edges(connection, engine.folder, entity)
    form_clusters(connection)
    assign_entity_ids(connection, entity.entity)
    create_link_rows(connection, entity)


def _inputs(context: RunContext, entity: EntityDeclaration, decided: pl.DataFrame) -> BuildInputs:
    """What decides the links: the versions of the datasets, the declarations, and what people decided."""
    lake, registry = context.lake, context.registry
    datasets = entity_datasets(entity, context)
    texts = [METHOD, entity.model_dump_json(), str(decided["sequence"].max() or 0)]
    for name in datasets:
        contract = registry.contracts[name]
        elements = sorted(registry.columns(contract).items())
        checks = [registry.elements[element].check_digit or "" for _, element in elements]
        texts += [name, repr(elements), repr(checks), contract.write.model_dump_json()]
    versions = {name: delta_version(lake, lake.standard(name)) for name in datasets}
    return BuildInputs(hashlib.sha256("\0".join(texts).encode()).hexdigest(), versions)
