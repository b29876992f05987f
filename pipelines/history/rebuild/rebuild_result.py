"""What a rebuild did, and its JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from citylake.pipelines.flow.run_document import problem_json
from citylake.pipelines.history.rebuild.compare_published import Comparison, TableComparison
from citylake.schemas.words.errors import Problem


@dataclass(slots=True)
class DatasetReread:
    """One dataset: what was read again for the mart."""

    dataset: str
    batches: int = 0
    receipts: int = 0
    rows_in: int = 0
    rows_standard: int = 0
    skipped: int = 0
    """Batches that were not read, because later ones have replaced all their rows and their bytes are gone."""


@dataclass(frozen=True, slots=True)
class RebuildOutcome:
    """``at``: the asked time; ``published_at``: when the version that was in force then was published."""

    mart: str
    at: datetime
    version: str
    published_at: datetime
    file: str
    revision: str
    datasets: tuple[DatasetReread, ...]
    compared: Comparison
    tables: tuple[TableComparison, ...]
    problems: tuple[Problem, ...]
    seconds: float

    @property
    def equal(self) -> bool:
        """Whether the file has what was published, as far as it can be known."""
        return all(each.equal for each in self.tables)

    @property
    def exit_code(self) -> Literal[0, 2]:
        """2 if the file differs from what was published."""
        return 0 if self.equal else 2


def rebuild_document(outcome: RebuildOutcome) -> dict[str, Any]:
    """Return the document of ``citylake rebuild --json``."""
    return {
        "mart": outcome.mart,
        "as_of": outcome.at.isoformat(),
        "version": outcome.version,
        "published_at": outcome.published_at.astimezone(outcome.at.tzinfo).isoformat(),
        "revision": outcome.revision,
        "file": outcome.file,
        "equal": outcome.equal,
        "compared": outcome.compared,
        "tables": _tables(outcome.tables),
        "datasets": [asdict(each) for each in outcome.datasets],
        "problems": [problem_json(each) for each in outcome.problems],
        "exit_code": outcome.exit_code,
        "seconds": round(outcome.seconds, 3),
    }


def _tables(found: Sequence[TableComparison]) -> list[dict[str, Any]]:
    return [{**asdict(each), "equal": each.equal} for each in found]
