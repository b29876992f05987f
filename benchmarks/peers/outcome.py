"""Check the result of a peer: ``python -m benchmarks.peers.outcome FOLDER TRUTH.json``."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

RULES = {
    "time": ("time_missing", "time_unreadable"),
    "device": ("device_missing",),
    "flow": ("flow_missing",),
    "lane_range": ("lane_range",),
    "flow_range": ("flow_range",),
    "speed_range": ("speed_range",),
    "occupancy_range": ("occupancy_range",),
    "region": ("region_unknown",),
    "vehicle": ("vehicle_unknown",),
    "device_pattern": ("device_pattern",),
    "operator": ("operator_check",),
    "box": ("outside_box",),
}
"""The twelve rules, and the planted faults that break each."""
KEY, KEY_COLUMNS = "key", ("device", "lane", "observed_at")
_FILE = "outcome.json"


def report(folder: str, good: int, bad: int, broken: Mapping[str, int]) -> None:
    """Write the rows of both sides and the number of rows by broken rule."""
    text = json.dumps({"good": good, "bad": bad, "broken": {rule: broken.get(rule, 0) for rule in (*RULES, KEY)}})
    Path(folder, _FILE).write_text(text)


def differences(truth: Mapping[str, Any], seen: Mapping[str, Any]) -> list[str]:
    """The differences. Rows that repeat another in all columns count as repeated keys here, and a key may be found
    repeated among rows that are bad anyway."""
    planted = {rule: sum(truth["faults"][fault] for fault in faults) for rule, faults in RULES.items()}
    said = [
        f"{rule}: planted {n}, found {seen['broken'][rule]}" for rule, n in planted.items() if seen["broken"][rule] != n
    ]
    repeated = truth["faults"]["key_repeated"] + truth["duplicates"]
    if seen["broken"][KEY] < repeated:
        said.append(f"{KEY}: planted {repeated}, found {seen['broken'][KEY]}")
    for side, rows in (("good", truth["standard"]), ("bad", truth["quarantined"] + truth["duplicates"])):
        if seen[side] != rows:
            said.append(f"{side} rows: planted {rows}, found {seen[side]}")
    return said


if __name__ == "__main__":
    found = differences(json.loads(Path(sys.argv[2]).read_text()), json.loads(Path(sys.argv[1], _FILE).read_text()))
    print("\n".join(found) or "right")
    sys.exit(bool(found))
