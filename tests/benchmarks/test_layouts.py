"""Of files in the layouts that portals send, a drafted contract reads nearly all; a plain table needs no words."""

from __future__ import annotations

from pathlib import Path
from random import Random

from benchmarks.layouts.drafts import LAYOUTS, compare_draft, draft_results
from benchmarks.layouts.plain_tables import plain_table

LEAST = 0.95


def test_a_draft_reads_the_layouts_of_portals() -> None:
    results = list(draft_results([1, 2]))
    wrong = [f"{result.name}: {result.why}" for result in results if result.why]
    assert len(LAYOUTS.found) >= 55
    assert len(wrong) <= (1 - LEAST) * len(results), wrong


def test_a_plain_table_is_read_as_it_is(tmp_path: Path) -> None:
    wrong = []
    for seed in range(60):
        path, file = tmp_path / f"{seed}.csv", plain_table(Random(seed))
        path.write_bytes(file.body)
        wrong += [why] if (why := compare_draft(path, file)) else []
    assert len(wrong) <= 1, wrong
