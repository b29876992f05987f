"""The result of one upkeep task, done or planned."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Literal

from citylake.pipelines.lake.stored_files import StoredFile
from citylake.quality.report.number_format import format_number, format_size
from citylake.schemas.words.errors import Problem
from citylake.schemas.words.message_catalogue import render_issue, translate_key

UpkeepKind = Literal["compact", "checkpoint", "sweep", "landing", "raw", "kept", "marts", "reports", "verify"]


@dataclass(frozen=True, slots=True)
class UpkeepResult:
    """One line for the operator. ``rows``: rows rewritten by compaction, which does not change their number."""

    work: UpkeepKind
    subject: str
    """Path of a table or folder below the lake."""
    files_before: int = 0
    files_after: int = 0
    bytes_before: int = 0
    bytes_after: int = 0
    rows: int = 0
    problem: Problem | None = None
    """Why the task failed or was incomplete."""

    @property
    def bytes_freed(self) -> int:
        """Bytes freed. For a compacted table, they are freed when its old files are deleted later."""
        return self.bytes_before - self.bytes_after

    def say(self, language: str, *, dry_run: bool = False) -> str:
        """Return the line in ``language``; with ``dry_run``, as what would be done."""
        if self.problem:
            return f"{self.subject}: {render_issue(self.problem.code, self.problem.values, language)}"
        return translate_key(
            f"upkeep.{self.work}{'_would' if dry_run else ''}",
            language,
            subject=self.subject,
            before=format_number(self.files_before),
            after=format_number(self.files_after),
            gone=format_number(self.files_before - self.files_after),
            freed=format_size(self.bytes_freed),
            size_before=format_size(self.bytes_before),
            size_after=format_size(self.bytes_after),
            rows=format_number(self.rows),
        )

    def as_dict(self, *, dry_run: bool = False) -> dict[str, Any]:
        """Return the result ready for JSON."""
        return {
            "work": self.work,
            "subject": self.subject,
            "files_before": self.files_before,
            "files_after": self.files_after,
            "bytes_freed": self.bytes_freed,
            "rows": self.rows,
            "problem": self.problem.code if self.problem else None,
            "text": {language: self.say(language, dry_run=dry_run) for language in ("zh", "en")},
        }


def removal_results(
    work: UpkeepKind, subject: str, files: Collection[StoredFile], gone: Collection[StoredFile]
) -> list[UpkeepResult]:
    """Return one result for the removal of ``gone`` from ``files``, or an empty list if nothing was removed."""
    size = sum(file.size for file in files)
    after = size - sum(file.size for file in gone)
    return [UpkeepResult(work, subject, len(files), len(files) - len(gone), size, after)] if gone else []
