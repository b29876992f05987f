"""``python -m benchmarks.entities [FILE]``: precision and recall of linked childcare sites, whole and by halves."""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from pathlib import Path

from benchmarks.entities.linked_sites import half_of, link_sites
from benchmarks.entities.pair_scores import score_b_cubed, score_cross_pairs, score_pairs

_DATA = Path(os.environ.get("CITYLAKE_DATA") or Path(__file__).parents[2] / "../shared/data")


def measure_links(file: Path, folder: Path) -> dict[str, float]:
    """Link the sites of ``file`` and return the figures."""
    start = time.perf_counter()
    linked = link_sites(file, folder)
    seconds = time.perf_counter() - start
    pairs, cross, cubed = (
        score_pairs(linked.clusters),
        score_cross_pairs(linked.clusters),
        score_b_cubed(linked.clusters),
    )
    return {
        "records": linked.clusters.height,
        "precision": round(pairs.precision, 4),
        "recall": round(pairs.recall, 4),
        "cross_precision": round(cross.precision, 4),
        "cross_recall": round(cross.recall, 4),
        "b_cubed_f1": round(cubed[2], 4),
        "pending": linked.pending,
        "seconds": round(seconds, 1),
    }


def main() -> None:
    """Print the figures as JSON, a line for each part."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", nargs="?", type=Path, default=_DATA / "childcare/childcare.csv")
    file = parser.parse_args().file
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        parts = {"all": file, **{f"half {half}": half_of(file, folder, half) for half in (0, 1)}}
        for name, part in parts.items():
            (folder / name).mkdir()
            print(json.dumps({"part": name, **measure_links(part, folder / name)}))


if __name__ == "__main__":
    main()
