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

_HEADS = ("system", "in", "standard", "refused")
_ROWS = ("rows_in", "rows_standard", "rows_quarantined")


@dataclass(frozen=True, slots=True)
class SystemResult:
    """What a system shows: rows in, standard and refused by dataset, its question's answer, and the true one.

    ``figure`` is None if the mart has no version; ``true`` if the truth of the city has no answer.
    """

    system: PaperSystem
    rows: Mapping[str, tuple[int, ...]]
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
        asked = next(each for each in marts[system.mart].questions if each.id == system.question)
        rows = {name: tuple(counts.get(name, {}).get(each, 0) for each in _ROWS) for name in system.datasets}
        text, figure = asked.text.say(current_language()), _figure(here, system.mart, asked.sql)
        found.append(SystemResult(system, rows, text, figure, answers.get(f"{system.mart}.{asked.id}")))
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
    from citylake.schemas.words.errors import CitylakeError

    try:
        _, rows = query_mart(lake, mart, sql)
    except CitylakeError as error:
        if error.code != "MART_NOT_PUBLISHED":
            raise
        return None
    return rows[0][0] if rows else None


def print_system_table(folder: Path, lake: Path, systems: Sequence[PaperSystem]) -> None:
    """Print for each system its datasets with their rows, its mart, its question and the figure."""
    from rich.table import Table

    from citylake.pipelines.cli.shared_options import make_console

    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for name in _HEADS:
        table.add_column(translate_key(f"whitepaper.{name}"), justify="left" if name == "system" else "right")
    results = system_results(folder, lake, systems)
    for each in results:
        _add(table, each)
    make_console().print(table)
    right = sum(each.figure == each.true for each in results)
    print(f"\n{translate_key('whitepaper.checked', right=right, systems=len(results))}")


def _add(table: Any, found: SystemResult) -> None:
    from rich.text import Text

    table.add_row(Text(found.system.system, "bold"))
    for name, counts in found.rows.items():
        table.add_row(f"  {name}", *(f"{count:,}" for count in counts))
    table.add_row(f"  → {found.system.mart}")
    table.add_row(f"  {found.question}", Text(f"{found.figure}", "bold"))
    table.add_row()
