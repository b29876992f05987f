"""What is known of the fields of many datasets is kept in little memory."""

from __future__ import annotations

import tracemalloc

from citylake.pipelines.match.known_mappings import KnownMapping
from citylake.pipelines.match.known_names import KnownNames
from citylake.pipelines.match.match_target import element_targets
from citylake.pipelines.match.name_scores import NameScores
from citylake.schemas.read.registry import load_registry
from tests.declared import ALL_PACKS

MOST_BYTES = 15_000
"""For a dataset of two fields, whose names take a fifth of it."""


def test_a_dataset_more_takes_the_memory_of_its_own_names() -> None:
    own = NameScores(element_targets(load_registry(ALL_PACKS).elements.values()))
    few, many = (_peak_bytes(own, datasets) for datasets in (100, 400))
    assert (many - few) / 300 < MOST_BYTES


def _peak_bytes(own: NameScores, datasets: int) -> int:
    names = [f"area{number % 7}.readings_{number}" for number in range(datasets)]
    known = [KnownMapping(field, name, "time.day") for name in names for field in ("day", f"amount of {name}")]
    # Words that are split once stay known.
    KnownNames(known, {}, own)
    tracemalloc.start()
    try:
        KnownNames(known, {}, own)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
