"""What has to be done again for one published version: the batches that reached it, and the builds of marts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from citylake.pipelines.history.rebuild.past_batch import PastBatch
from citylake.pipelines.history.rebuild.past_order import PastEvent, in_past_order
from citylake.pipelines.history.rebuild.past_publication import PastBuild, builds_behind
from citylake.pipelines.history.rebuild.past_records import PastRecords
from citylake.pipelines.history.rebuild.past_registries import PastRegistries
from citylake.pipelines.lake.lake_zones import Lake
from citylake.schemas.model.entity import ENTITY_SCHEMA
from citylake.schemas.read.reference_order import dataset_dependencies

_MART = "mart."


@dataclass(frozen=True, slots=True)
class PastPlan:
    """``target``: the version to make again; ``builds``: it and the builds before it that it rests on, oldest first."""

    target: PastBuild
    builds: tuple[PastBuild, ...]
    batches: Mapping[str, Sequence[PastBatch]]
    """By dataset, in the order of commits."""
    read_between: frozenset[str] = frozenset()
    """Datasets from which other batches have taken codes, or whose records were linked: every state of them counts."""
    described: frozenset[str] = frozenset()
    """Datasets from which only the file's names of keys and codes are taken; it can do without them."""

    @property
    def events(self) -> list[PastEvent]:
        """The batches and builds in one order. Raises REBUILD_ORDER_UNCLEAR."""
        return in_past_order(self.batches, self.builds)

    def without(self, skipped: Iterable[PastBatch]) -> PastPlan:
        """Return the plan without some batches, which must be whole datasets or replaced by others."""
        left = {id(each) for each in skipped}
        kept = {name: [each for each in found if id(each) not in left] for name, found in self.batches.items()}
        return replace(self, batches=kept)


def plan_rebuild(records: PastRecords, registries: PastRegistries, target: PastBuild, lake: Lake) -> PastPlan:
    """Return the plan for one version. Raises REBUILD_DECLARATIONS_UNKNOWN and REVISION_UNKNOWN."""
    builds = _needed_builds(records, target)
    newest = _newest_versions(builds)
    linked = {name for build in builds for name in _linked_datasets(registries, build, lake)}
    described = _describing_datasets(registries, target, lake) - newest.keys() - linked
    also = {*linked, *described}
    found: dict[str, Sequence[PastBatch]] = {}
    coded, waiting = set[str](), {*newest, *also}
    while waiting:
        for name in waiting:
            found[name] = [each for each in records.batches(name) if _is_read(each, newest, also, target)]
        taken = {name for read in waiting for each in found[read] for name in _dependencies(registries, each)}
        # A dataset that is read for its codes is needed as it was at every batch.
        waiting, coded = taken - also, coded | taken
        also |= taken
    return PastPlan(target, builds, found, frozenset(also), frozenset(described - coded))


def _newest_versions(builds: Sequence[PastBuild]) -> dict[str, int]:
    """Dataset → the newest version of its standard table that a build has read."""
    newest: dict[str, int] = {}
    for build in builds:
        for name, version in build.versions.items():
            if not name.startswith((_MART, f"{ENTITY_SCHEMA}.")):
                newest[name] = max(version, newest.get(name, -1))
    return newest


def _needed_builds(records: PastRecords, target: PastBuild) -> tuple[PastBuild, ...]:
    found: dict[int, PastBuild] = {}
    waiting = [target]
    while waiting:
        last = waiting.pop()
        for build in builds_behind(records.builds(last.mart), last):
            if build.number in found:
                continue
            found[build.number] = build
            others = {name.split(".")[1] for name in build.versions if name.startswith(_MART)}
            earlier = ([each for each in records.builds(mart) if each.number < build.number] for mart in sorted(others))
            waiting += [each[-1] for each in earlier if each]
    return tuple(found[number] for number in sorted(found))


def _linked_datasets(registries: PastRegistries, build: PastBuild, lake: Lake) -> set[str]:
    names = [name.partition(".")[2] for name in build.versions if name.startswith(f"{ENTITY_SCHEMA}.")]
    if not names:
        return set()
    registry, _ = registries.of_build(build, lake)
    found = {dataset for name in names for dataset in registry.entities[name].records}
    return found & registry.contracts.keys()


def _describing_datasets(registries: PastRegistries, build: PastBuild, lake: Lake) -> set[str]:
    """The datasets from which the file may take the names of its keys and codes."""
    registry, mart = registries.of_build(build, lake)
    held = {column.element for table in mart.tables.values() for column in table.columns.values()}
    lists = {registry.elements[each].codes for each in held if each in registry.elements}
    coded = {each.table.dataset for name, each in registry.codes.items() if name in lists and each.table}
    named = (each for each in registry.contracts.values() if each.dimension)
    keys = {
        each.dataset
        for each in named
        if registry.columns(each).get(each.dimension.key if each.dimension else "") in held
    }
    return (coded | keys) & registry.contracts.keys()


def _is_read(batch: PastBatch, newest: Mapping[str, int], also: set[str], target: PastBuild) -> bool:
    if batch.place <= newest.get(batch.dataset, -1):
        return True
    return batch.dataset in also and batch.number < target.number


def _dependencies(registries: PastRegistries, batch: PastBatch) -> set[str]:
    registry, contract = registries.of_batch(batch)
    return dataset_dependencies(registry, contract)
