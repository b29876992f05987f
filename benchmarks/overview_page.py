"""``python -m benchmarks.overview_page WORKSPACE LAKE``: the document of the overview page in Airflow."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from citylake.pipelines.site import Site


def main(workspace: str, lake: str) -> None:
    """Make it as the api-server does, and print its size."""
    document = Site(lake, Path(workspace)).overview()
    print(f"{len(document['datasets'])} datasets, {len(json.dumps(document, ensure_ascii=False)):,} characters")


if __name__ == "__main__":
    main(*sys.argv[1:])
