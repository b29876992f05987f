"""Report: the share of files in portals' layouts that a drafted contract reads right, and what was wrong in the others.

``python -m benchmarks.layouts [SEEDS]``
"""

from __future__ import annotations

import sys

from benchmarks.layouts.drafts import draft_results, share_by_layout


def main() -> None:
    """Print every wrong file, the share of each layout that is below 1, and the share of all."""
    results = list(draft_results(range(int(sys.argv[1]) if len(sys.argv) > 1 else 5)))
    for result in results:
        if result.why:
            print(f"{result.name}: {result.why[:300]}")
    for layout, share in share_by_layout(results).items():
        if share < 1:
            print(f"{layout:40} {share:6.0%}")
    right = sum(not result.why for result in results)
    print(f"{right} of {len(results)} files are read right ({right / len(results):.1%})")


main()
