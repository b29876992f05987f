"""Memory does not grow with what is pulled: each measured in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

MEASURED = """
import resource, sys
from datetime import UTC, datetime
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.pull.connector_api import PullContext
from citylake.pipelines.pull.pull_dataset import pull_dataset
from citylake.pipelines.records import Run
from citylake.schemas.model.contract import Contract
import json

source, lake = json.loads(sys.argv[1]), Lake(sys.argv[2])
contract = Contract.model_validate({
    "dataset": "test.data", "title": {"zh": "x", "en": "x"}, "owner": {"department": "x"}, "source": source,
    "fields": {"a": {"element": "test.a"}}, "write": {"mode": "append"},
})
(receipt,) = pull_dataset(contract, lake, PullContext({}, Run("r", datetime.now(UTC))))
print(receipt.status, receipt.size_bytes, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def measured(source: dict[str, Any], lake: Path) -> tuple[str, int, int]:
    """Status, bytes, and the most memory, MB."""
    import json

    command = [sys.executable, "-c", MEASURED, json.dumps(source), str(lake)]
    status, size, most = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    return status, int(size), int(most)


def test_a_file_of_200_mb_takes_no_more_memory_than_a_small_one(city: Any, reply: Any, tmp_path: Path) -> None:
    large = b"0123456789abcdef" * 12_500_000
    city.answer = lambda asked: reply(b"a\n" if asked.path == "/small" else large)
    source = {"connector": "http", "format": "csv"}
    _, _, small = measured({**source, "url": f"{city.url}/small"}, tmp_path / "a")
    status, size, most = measured({**source, "url": f"{city.url}/large"}, tmp_path / "b")
    assert (status, size) == ("received", len(large))
    assert most < small + 60


def test_pages_of_100_mb_take_no_more_memory_than_one_of_them(city: Any, reply: Any, tmp_path: Path) -> None:
    pages, rows = 40, 2_500

    def answer(asked: Any) -> Any:
        page = int(asked.params["page"])
        found = [{"n": page * rows + number, "text": "x" * 1000} for number in range(rows)] if page <= pages else []
        return reply({"rows": found, "total": pages * rows if asked.path == "/many" else rows})

    city.answer = answer
    source = {
        "connector": "rest_paged",
        "format": {"type": "json", "records": "rows"},
        "paging": {"by": "page", "param": "page", "total": "total"},
    }
    _, _, one = measured({**source, "url": f"{city.url}/one"}, tmp_path / "a")
    status, size, most = measured({**source, "url": f"{city.url}/many"}, tmp_path / "b")
    assert (status, size > 100_000_000) == ("received", True)
    assert most < one + 60
