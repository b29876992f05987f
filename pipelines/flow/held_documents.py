"""What people see of a held batch: one line why it waits, and all of it, ready for JSON."""

from __future__ import annotations

from typing import Any

import polars as pl

from citylake.pipelines.flow.run_document import problem_json
from citylake.pipelines.lake.ledger import Ledger, checks_table, receipts_table
from citylake.pipelines.lake.ledger.held_records import HeldBatch
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.message_catalogue import issue_message, issue_types

LANGUAGES = ("zh", "en")


def held_commands(held: HeldBatch) -> list[str]:
    """Return the commands by which a person goes on, the first of which shows more."""
    name = held.batch
    decide = ["release", "reject"] if held.status == "held" else ["release"]
    return [f"citylake held show {name}", *(f"citylake held {each} {name} --why TEXT" for each in decide)]


def held_summary(registry: Registry | None, held: HeldBatch) -> dict[str, Any]:
    """Return a batch for a list: ``why`` is what is wrong first, without advice, in both languages; null if unknown."""
    contract = registry.contracts.get(held.dataset) if registry else None
    first = next((each for each in held.problems if each.code in issue_types()), None)
    why = {lang: issue_message(first.code, first.values, lang) for lang in LANGUAGES} if first else None
    return {
        "dataset": held.dataset,
        "department": contract.owner.department if contract else None,
        "batch": held.batch,
        "status": held.status,
        "since": held.since.isoformat(),
        "run": held.run,
        "rows": held.counts["rows_in"],
        "codes": list(dict.fromkeys(each.code for each in held.problems)),
        "why": why,
        "commands": held_commands(held),
    }


def held_document(registry: Registry, ledger: Ledger, held: HeldBatch) -> dict[str, Any]:
    """Return all that is known of a batch: problems, the checks of its last run, receipts and files."""
    checks = ledger.read(checks_table.TABLE).filter(pl.col("batch") == held.batch, pl.col("subject") == held.dataset)
    last = checks.unique("name", keep="last", maintain_order=True)
    receipts = ledger.read(receipts_table.TABLE).filter(pl.col("id").is_in(list(held.receipts)))
    names = ("id", "name", "source", "sha256", "size_bytes", "received_at", "landing")
    return {
        **held_summary(registry, held),
        "counts": held.counts,
        "problems": [problem_json(each) for each in held.problems],
        "checks": last.select("name", "passed", "severity", "observed", "expected").to_dicts(),
        "receipts": [
            {**{name: row[name] for name in names}, "received_at": row["received_at"].isoformat()}
            for row in receipts.unique("id", keep="last", maintain_order=True).iter_rows(named=True)
        ],
    }
