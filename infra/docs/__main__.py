"""``python -m citylake.infra.docs``: build the site below ``build/docs``."""

from __future__ import annotations

import argparse
import logging
import os
import time
from pathlib import Path

# Material prints an advertisement about the next MkDocs; it is no part of a build's report.
os.environ.setdefault("NO_MKDOCS_2_WARNING", "true")


def main() -> int:
    """Build; the exit code is 1 if a page has a warning."""
    from mkdocs.exceptions import Abort

    from citylake.infra.docs.build_site import ROOT, build_site

    parser = argparse.ArgumentParser(prog="python -m citylake.infra.docs", description=__doc__)
    parser.add_argument("--work", type=Path, default=ROOT / "build/docs", help="folder for the sources and the site")
    work = parser.parse_args().work.resolve()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(message)s")
    start = time.perf_counter()
    try:
        site = build_site(work)
    except Abort as error:
        print(f"The site has faults: {error}")
        return 1
    print(f"{site / 'index.html'}: built in {time.perf_counter() - start:.0f} s")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
