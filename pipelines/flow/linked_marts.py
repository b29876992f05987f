"""Links of entities brought up to date, then the marts that read them; a workspace without entities links nothing."""

from __future__ import annotations

import logging
from collections.abc import Collection

from citylake.pipelines.context import RunContext
from citylake.pipelines.marts.make.mart_plan import mart_entities, marts_in_order
from citylake.pipelines.marts.mart_pipeline import build_and_publish_marts
from citylake.pipelines.records import Publication
from citylake.schemas.words.contained_faults import describe_fault, is_contained
from citylake.schemas.words.errors import CitylakeError, Problem

log = logging.getLogger(__name__)


def publish_linked_marts(
    context: RunContext,
    marts: Collection[str],
    datasets: Collection[str] = (),
    *,
    patient: bool = False,
    rebuild: bool = False,
    again: bool = False,
) -> list[Publication]:
    """Link the entities that ``marts`` read or that have records in ``datasets``; then build and publish ``marts``.

    A mart whose links could not be made fails, and so does an entity that no mart reads: nothing is built from links
    that are older than the data. ``again``: what a person has rolled back is published again.
    """
    read = {name: _entities_of(context, name) for name in marts} if context.registry.entities else {}
    chosen = set().union(*read.values()) | _entities_with(context, datasets)
    problems = {name: problem for name in sorted(chosen) if (problem := _link(context, name))}
    stopped = {name: found[0] for name, entities in read.items() if (found := sorted(entities & problems.keys()))}
    failed = [_failed(context, name, problems[entity]) for name, entity in stopped.items()]
    unread = problems.keys() - set().union(*read.values())
    failed += [_failed(context, context.registry.entities[name].table, problems[name]) for name in sorted(unread)]
    left = [name for name in marts if name not in stopped]
    return [*failed, *build_and_publish_marts(context, left, patient=patient, rebuild=rebuild, again=again)]


def _entities_of(context: RunContext, mart: str) -> set[str]:
    """The entities that a mart reads, directly or through other marts; none if its SQL cannot be read."""
    registry = context.registry
    try:
        needed = marts_in_order([mart], registry, with_needed=True)
        return set().union(*(mart_entities(registry.marts[name], registry) for name in needed))
    except CitylakeError:
        # Its build reports the fault.
        return set()


def _entities_with(context: RunContext, datasets: Collection[str]) -> set[str]:
    return {name for name, each in context.registry.entities.items() if each.records.keys() & set(datasets)}


def _link(context: RunContext, entity: str) -> Problem | None:
    # Imported here: a workspace without entities needs none of it.
    from citylake.pipelines.entities.link_entities import link_entities

    table = context.registry.entities[entity].table
    context.tell(table, "build")
    try:
        (done,) = link_entities(context, [entity])
    except CitylakeError as error:
        return error.problem
    except BaseException as error:
        if not is_contained(error):
            raise
        log.exception("%s failed", table)
        return Problem("STEP_FAILED", {"what": table, "why": describe_fault(error)})
    log.info("%s: version %d%s", table, done.version, " (unchanged)" if done.unchanged else "")
    return None


def _failed(context: RunContext, mart: str, problem: Problem) -> Publication:
    done = Publication(mart, "failed", problems=(problem,))
    context.ledger.add_publication(done, {}, "", context.run.id)
    return done
