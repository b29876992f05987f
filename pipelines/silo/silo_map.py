"""The silo map (孤岛地图): which department has which element, how far their key values meet, and what to do next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from citylake.pipelines.silo.department_pairs import OwnerPair, Sketches, owner_pairs, sketch_datasets, unite_sketches
from citylake.pipelines.silo.element_use import ElementUse, departments_of, element_uses
from citylake.pipelines.silo.find_paths import join_sides
from citylake.pipelines.silo.join_domains import element_domains
from citylake.pipelines.silo.join_views import has_standard_table, open_join_views
from citylake.pipelines.silo.key_sketch import SKETCHED, key_hashes
from citylake.pipelines.silo.next_acts import NextAct, bind_acts, load_acts, map_acts, rank_acts
from citylake.pipelines.silo.source_values import sample_sources
from citylake.pipelines.silo.unbound_fields import FieldJudgement, judge_fields
from citylake.schemas.read.registry import Registry

if TYPE_CHECKING:
    from citylake.pipelines.lake.lake_zones import Lake
    from citylake.pipelines.lake.ledger import Ledger

_MEMORY: Final = "400MB"


@dataclass(frozen=True, slots=True)
class SiloMap:
    """The map of one workspace, and of its lake if ``measured``. Pairs of departments have no keys otherwise."""

    departments: tuple[str, ...]
    uses: tuple[ElementUse, ...]
    pairs: tuple[OwnerPair, ...]
    dataset_pairs: tuple[OwnerPair, ...]
    """Pairs of datasets of different departments."""
    acts: tuple[NextAct, ...]
    fields: FieldJudgement
    measured: bool

    @property
    def figures(self) -> dict[str, float]:
        """The figures of the whole: each is better the greater it is."""
        counted = {
            "elements_bound": sum(each.departments > 0 for each in self.uses),
            "elements_shared": sum(each.departments > 1 for each in self.uses),
            "keys_shared": sum(each.departments > 1 and each.joins for each in self.uses),
            "department_pairs_declared": sum(self._declared(pair) for pair in self.pairs),
        }
        if not self.measured:
            return {name: float(value) for name, value in counted.items()}
        shares = [share for pair in self.pairs for share in (pair.left_share, pair.right_share)]
        counted["department_pairs_met"] = sum(pair.met > 0 for pair in self.pairs)
        counted["dataset_pairs_met"] = sum(pair.met > 0 for pair in self.dataset_pairs)
        counted["key_values_met"] = sum(pair.met for pair in self.pairs)
        mean = sum(shares) / len(shares) if shares else 0.0
        return {name: float(value) for name, value in counted.items()} | {"mean_share_met": round(mean, 6)}

    def _declared(self, pair: OwnerPair) -> bool:
        """Whether both departments have bound an element whose values are identifiers."""
        both = (pair.left, pair.right)
        return any(each.joins and all(each.states[name] == "bound" for name in both) for each in self.uses)

    def pair(self, one: str, other: str) -> OwnerPair | None:
        """Return the pair of two departments, in whatever order they are named."""
        wanted = {one, other}
        return next((pair for pair in self.pairs if {pair.left, pair.right} == wanted), None)

    def document(self) -> dict[str, Any]:
        """Return everything ready for JSON."""
        return {
            "measured": self.measured,
            "departments": list(self.departments),
            "fields_judged": self.fields.judged,
            "fields_left_out": self.fields.left_out,
            "figures": self.figures,
            "elements": [each.document() for each in self.uses],
            "department_pairs": [each.document() for each in self.pairs],
            "dataset_pairs": [each.document() for each in self.dataset_pairs if each.met],
            "acts": [each.document() for each in self.acts],
        }


def measure_silo(registry: Registry, lake: Lake | None = None, ledger: Ledger | None = None) -> SiloMap:
    """Measure the silo map of a workspace. Without a lake, by its declarations alone: no key is compared.

    Columns are compared by sketches, so that time and memory do not grow with the number of pairs' rows. ``ledger``:
    with it, the fields that nothing binds are judged by their values, too.
    """
    samples = sample_sources(lake, ledger, sorted(registry.contracts)) if lake and ledger else {}
    unbound = judge_fields(registry, samples)
    uses = element_uses(registry, unbound.matching)
    return _measured(registry, lake, unbound, uses) if lake else _declared_map(registry, unbound, uses)


def _declared_map(registry: Registry, unbound: FieldJudgement, uses: Sequence[ElementUse]) -> SiloMap:
    departments = departments_of(registry)
    acts = rank_acts(bind_acts(unbound.matching, uses, element_domains(registry), {}, {}))
    pairs = tuple(owner_pairs({}, departments))
    return SiloMap(tuple(departments), tuple(uses), pairs, (), tuple(acts), unbound, measured=False)


def _measured(registry: Registry, lake: Lake, unbound: FieldJudgement, uses: Sequence[ElementUse]) -> SiloMap:
    sides, domains = join_sides(registry), element_domains(registry)
    loaded = sorted(name for name in sides if has_standard_table(lake, name))
    keys = {each.element for each in uses if each.joins}
    with open_join_views(lake, registry, loaded, _MEMORY, once=True) as connection:
        sketches = sketch_datasets(connection, [sides[name] for name in loaded], SKETCHED)
        hashed = {
            (each.dataset, each.field): key_hashes(connection, each.values)
            for each in unbound.matching
            if each.values and each.element in keys
        }
    owners = {name: contract.owner.department for name, contract in registry.contracts.items()}
    departments = departments_of(registry)
    united = unite_sketches(sketches, owners)
    pairs = owner_pairs(_identifying(registry, united), departments)
    acts = rank_acts(
        (
            *bind_acts(unbound.matching, uses, domains, united, hashed),
            *load_acts(sides, set(loaded), united),
            *map_acts(owner_pairs(united, departments), _largest_sources(sketches, owners)),
        )
    )
    named = owner_pairs(_identifying(registry, sketches), loaded)
    between = [pair for pair in named if owners[pair.left] != owners[pair.right]]
    return SiloMap(tuple(departments), tuple(uses), tuple(pairs), tuple(between), tuple(acts), unbound, measured=True)


def _identifying(registry: Registry, sketches: Sketches) -> Sketches:
    """The sketches of identifiers. Every department has the few codes of a district, and that opens no silo."""
    listed = {codes.id for codes in registry.codes.values() if codes.table is None}
    return {owner: {name: each for name, each in of.items() if name not in listed} for owner, of in sketches.items()}


def _largest_sources(sketches: Sketches, owners: Mapping[str, str]) -> dict[tuple[str, str], str]:
    """(department, domain) → its dataset that has most values of the domain, the first by name of equal ones."""
    found: dict[tuple[str, str], str] = {}
    for name in sorted(sketches):
        for domain, sketch in sketches[name].items():
            known = found.setdefault((owners[name], domain), name)
            if sketch.distinct > sketches[known][domain].distinct:
                found[owners[name], domain] = name
    return found
