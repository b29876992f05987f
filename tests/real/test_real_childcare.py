"""Nine agencies' lists of childcare sites: the floors of ``python -m benchmarks.entities``, with the true ids."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.entities.linked_sites import link_sites
from benchmarks.entities.pair_scores import score_b_cubed, score_cross_pairs, score_pairs


def test_sites_of_nine_lists_are_linked_with_the_stated_precision_and_recall(data: Path, tmp_path: Path) -> None:
    pytest.importorskip("splink")
    file = data / "childcare/childcare.csv"
    if not file.is_file():
        pytest.skip(f"there is no {file}")
    clusters = link_sites(file, tmp_path).clusters
    assert clusters.height == 1619
    pairs, cross = score_pairs(clusters), score_cross_pairs(clusters)
    assert (pairs.precision >= 0.99, pairs.recall >= 0.97) == (True, True)
    assert (cross.precision >= 0.99, cross.recall >= 0.97) == (True, True)
    assert score_b_cubed(clusters)[2] >= 0.985
