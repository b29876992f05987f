"""Check that a table has the later values: ``python -m benchmarks.upserted TABLE BASE BEFORE AFTER``, truths as JSON.

BASE is the truth of the table before the upsert, BEFORE that of the changed rows then, AFTER that of the rows now.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deltalake import DeltaTable

from benchmarks.verify import differences, standard


def expected(base: Mapping[str, Any], before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    """Keys and faults are unchanged; sums change by the difference."""
    moved = {key: value - before["sums"][key] + after["sums"][key] for key, value in base["sums"].items()}
    return {"standard": base["standard"], "days": base["days"], "sums": moved}


def main(table: str, *truths: str) -> None:
    """Compare the rows, and the days that the last version wrote with those of the changed rows."""
    base, before, after = (json.loads(Path(truth).read_text()) for truth in truths)
    said = differences(expected(base, before, after), standard(Path(table)))
    strange = written_days(table) - set(after["days"])
    said += [f"days rewritten without a changed row: {sorted(strange)}"] if strange else []
    print("\n".join(said) or "every changed row is there, and no other day was written")
    sys.exit(bool(said))


def written_days(table: str) -> set[str]:
    """Days of the files that the last version added."""
    version = DeltaTable(table).version()
    log = Path(table, "_delta_log", f"{version:020d}.json").read_text().splitlines()
    adds = [action["add"] for line in log if "add" in (action := json.loads(line))]
    return {add["partitionValues"]["_day"] for add in adds}


if __name__ == "__main__":
    main(*sys.argv[1:])
