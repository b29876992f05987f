"""The table that ``make whitepaper`` ends with: system, datasets, rows, mart, question and its figure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from citylake.infra.city.generate import TRUTH_FILE
from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE, PaperSystem
from citylake.schemas.words.message_catalogue import current_language, translate_key

_HEADS = ("system", "datasets", "rows", "mart", "question", "figure")
_ROWS = ("rows_in", "rows_standard", "rows_quarantined")


@dataclass(frozen=True, slots=True)
class SystemResult:
    """A system's rows in, standard and refused, the answer to its question, and the true one; None: not known."""

    system: PaperSystem
    rows: tuple[int, int, int]
    question: str
    figure: Any
    true: Any


def system_results(folder: Path, lake: Path, systems: Sequence[PaperSystem]) -> list[SystemResult]:
    """What each system shows in ``lake``; ``folder`` has the truth of the generated city."""
    from citylake.pipelines.lake.lake_zones import Lake
    from citylake.schemas.read.registry import load_registry

    here, marts = Lake(str(lake)), load_registry(WHITEPAPER_WORKSPACE).marts
    answers = json.loads((folder / TRUTH_FILE).read_text("utf-8"))["answers"]
    counts = _counted(here)
    found = []
    for system in systems:
        question = next(each for each in marts[system.mart].questions if each.id == system.question)
        rows = [sum(counts.get(name, {}).get(column, 0) for name in system.datasets) for column in _ROWS]
        true = answers.get(f"{system.mart}.{question.id}")
        text = question.text.say(current_language())
        found.append(
            SystemResult(system, (rows[0], rows[1], rows[2]), text, _figure(here, system.mart, question.sql), true)
        )
    return found


def _counted(lake: Any) -> Mapping[str, Mapping[str, int]]:
    """Dataset → the sums over its committed batches."""
    import polars as pl

    from citylake.pipelines.lake.ledger import Ledger

    committed = Ledger(lake).scan("batches").filter(pl.col("status") == "committed")
    sums = committed.group_by("dataset").agg(pl.col(*_ROWS).sum()).collect()
    return {row["dataset"]: row for row in sums.iter_rows(named=True)}


def _figure(lake: Any, mart: str, sql: str) -> Any:
    from citylake.pipelines.read.mart_reader import query_mart

    _, rows = query_mart(lake, mart, sql)
    return rows[0][0] if rows else None


def print_system_table(folder: Path, lake: Path, systems: Sequence[PaperSystem]) -> None:
    """Print a row a system, and how many figures are the true ones of the generated city."""
    from rich.table import Table

    from citylake.pipelines.cli.shared_options import make_console

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for name in _HEADS:
        table.add_column(translate_key(f"whitepaper.{name}"), overflow="fold")
    results = system_results(folder, lake, systems)
    for each in results:
        table.add_row(*_cells(each))
    make_console().print(table)
    right = sum(each.figure == each.true for each in results)
    print(f"\n{translate_key('whitepaper.checked', right=right, systems=len(results))}")


def _cells(found: SystemResult) -> tuple[str, ...]:
    system = found.system
    rows = " / ".join(f"{count:,}" for count in found.rows)
    return (system.system, "\n".join(system.datasets), rows, system.mart, found.question, f"{found.figure}")
