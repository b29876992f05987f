"""What needs a person: held batches, failures, late data, marts that stopped, and quarantined rows that wait."""

from __future__ import annotations

from typing import Any

from citylake.pipelines.site.report import ledger_statements as statements
from citylake.pipelines.site.report.next_commands import NextCommands
from citylake.pipelines.site.report.report_input import ReportInput
from citylake.pipelines.site.report.report_ledger import Answer, answer_entries

Need = dict[str, Any]


def open_needs(given: ReportInput) -> tuple[list[Need], Answer]:
    """Return what needs a person, the most pressing first, and the answer about held batches.

    A need has ``kind``, its dataset or mart with title and department, ``problems``, ``commands``, and numbers.
    """
    next_ = NextCommands(given.lake.url, str(given.registry.workspace.root))
    held = given.ledger.table(statements.held_batches(given.now))
    needs = [_held_need(given, next_, row) for row in answer_entries(held)]
    for entry in given.overview["datasets"]:
        needs += _dataset_needs(given, next_, entry)
    needs += [_mart_need(next_, mart) for mart in given.overview["marts"] if mart["status"] in ("held", "failed")]
    return sorted(needs, key=lambda need: _ORDER.index(need["kind"])), held


_ORDER = ("held", "failed", "incomplete", "mart", "overdue", "late", "rows", "never")


def _held_need(given: ReportInput, next_: NextCommands, row: Need) -> Need:
    entry: Need = next((each for each in given.overview["datasets"] if each["dataset"] == row["dataset"]), {})
    problems = entry.get("problems", []) if entry.get("batch") == row["batch"] else []
    head = given.request.head(row["dataset"])
    commands = next_.held(row["batch"], row["dataset"])
    return _need("held", head, commands, problems=problems, batch=row["batch"], since=row["held_at"], rows=row["rows"])


def _dataset_needs(given: ReportInput, next_: NextCommands, entry: Need) -> list[Need]:
    name, status, fresh = entry["dataset"], entry["status"], entry["freshness"]
    found = []
    again = [next_.line("run", "--dataset", name)]
    if status in ("failed", "incomplete", "never") and entry["declared"]:
        found.append(_need(status, entry, again, problems=entry["problems"], since=entry["recorded_at"]))
    if status == "held" and not entry["held"]:
        # Held before its rows were read: no batch can be released, the cause must be removed.
        found.append(_need("held", entry, again, problems=entry["problems"], since=entry["recorded_at"], batch=None))
    if fresh["late"] and fresh["committed_at"]:
        found.append(_need("late", entry, again, since=fresh["newest"], allowed=fresh["allowed"]))
    return [*found, *_row_needs(given, next_, entry)]


def _row_needs(given: ReportInput, next_: NextCommands, entry: Need) -> list[Need]:
    waits = given.request.waiting.get(entry["dataset"])
    if waits is None or not waits.waiting:
        return []
    overdue = waits.ages.get("overdue", 0)
    counts = {"rows": waits.waiting, "overdue": overdue, "responsible": waits.responsible}
    since = waits.oldest.isoformat() if waits.oldest else None
    return [
        _need(
            "overdue" if overdue else "rows",
            entry,
            next_.waiting(given.registry.contracts[entry["dataset"]], list(waits.responsible)),
            since=since,
            **counts,
        )
    ]


def _mart_need(next_: NextCommands, mart: Need) -> Need:
    head = {"mart": mart["mart"], "title": mart["title"], "department": None}
    commands = [next_.line("run", "--mart", mart["mart"])]
    return _need("mart", head, commands, problems=mart["problems"], since=mart["recorded_at"], status=mart["status"])


def _need(kind: str, head: Need, commands: list[str], **more: Any) -> Need:
    named = {name: head.get(name) for name in ("dataset", "mart", "title", "department")}
    return {"kind": kind, **named, "problems": [], "commands": commands, **more}
