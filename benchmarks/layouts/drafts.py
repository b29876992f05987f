"""Whether a drafted contract reads a file right."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.layouts import office_layouts, plain_layouts
from benchmarks.layouts.portal_file import LAYOUTS, PortalFile, portal_files
from citylake.pipelines.onboard.source_sample import SourceSample, sample_source
from citylake.schemas.words.errors import CitylakeError

__all__ = ["LAYOUTS", "office_layouts", "plain_layouts"]
SAMPLED_ROWS = 1000


@dataclass(frozen=True, slots=True)
class DraftResult:
    """``why``: empty if the file was read right."""

    name: str
    why: str


def draft_results(seeds: Iterable[int]) -> Iterator[DraftResult]:
    """One result for each layout and seed."""
    with tempfile.TemporaryDirectory() as folder:
        for name, file in portal_files(list(seeds)):
            path = Path(folder) / f"{name}.csv"
            path.write_bytes(file.body)
            yield DraftResult(name, compare_draft(path, file))


def compare_draft(path: Path, file: PortalFile) -> str:
    """What the draft for the file at ``path`` reads wrong; empty if nothing."""
    source = {"connector": "files", "path": str(path), "format": "csv"}
    try:
        found = sample_source(source, {})
    except CitylakeError as error:
        return str(error)
    words = f" {found.layout.words}" if found.layout else ""
    if file.columns is not None and found.columns != file.columns:
        return f"columns {found.columns}{words}"
    return _compare_rows(found, file) + words if _compare_rows(found, file) else ""


def _compare_rows(found: SourceSample, file: PortalFile) -> str:
    rows = [tuple(cell or "" for cell in row) for row in found.rows.rows()]
    if len(rows) != min(len(file.rows), SAMPLED_ROWS):
        return f"{len(rows)} rows of {len(file.rows)}"
    return next((f"{row} is {right}" for row, right in zip(rows, file.rows, strict=False) if row != right), "")


def share_by_layout(results: Iterable[DraftResult]) -> dict[str, float]:
    """The share of each layout's files that were read right."""
    times, right = Counter[str](), Counter[str]()
    for result in results:
        layout = result.name.rpartition("-")[0]
        times[layout] += 1
        right[layout] += not result.why
    return {layout: right[layout] / number for layout, number in times.items()}
