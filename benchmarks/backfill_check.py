"""Whether a backfilled lake has every row once: ``python -m benchmarks.backfill_check FOLDER TRUTH TOLD``.

Appends to TOLD what the runs met as a line of JSON: conflicts by table, requests by kind, the store's CPU seconds.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from pathlib import Path

from benchmarks.job import DATASET
from benchmarks.verify import differences, quarantine, standard
from tests.object_store import requests_since


def main(folder: str, truth: str, told: str) -> None:
    """Compare rows, days, faults and sums with what was planted; exit code 1 if not equal."""
    lake, url = Path(folder, "lake").read_text(), os.environ.get("AWS_ENDPOINT_URL")
    asked, cpu_s = requests_since(url) if url else ([], 0.0)
    met = {
        "program": Path(folder).name,
        "conflicts": json.loads(Path(folder, "conflicts").read_text()),
        "requests": Counter(request.split()[0] for request in asked),
        "store_cpu_s": cpu_s,
    }
    with Path(told).open("a") as file:
        file.write(json.dumps(met) + "\n")
    seen = standard(f"{lake}/standard/{DATASET}") | quarantine(f"{lake}/quarantine/{DATASET}")
    said = differences(json.loads(Path(truth).read_text()), seen)
    print("\n".join(said) or "every row is there once")
    sys.exit(bool(said))


if __name__ == "__main__":
    main(*sys.argv[1:4])
