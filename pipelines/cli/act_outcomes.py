"""Prints what acts have done: counts, what was refused and why, and the next command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import current_language, render_issue, translate_key

if TYPE_CHECKING:
    from citylake.pipelines.acts.correct_rows import CorrectedRows
    from citylake.pipelines.acts.correct_value import CorrectedValue, ValueMeaning
    from citylake.pipelines.acts.decide_rows import DecidedRows
    from citylake.pipelines.acts.export_rows import DepartmentExport


def print_exports(found: Sequence[DepartmentExport]) -> None:
    """Print the file of each department, and how it comes back."""
    if not found:
        print_text(translate_key("acts.export_none"))
    for each in found:
        numbers = {"rows": f"{each.rows:,}", "lines": f"{each.lines:,}", "datasets": str(len(each.datasets))}
        print_text(translate_key("acts.exported", department=each.department, **numbers))
        for file in each.files:
            print_text(f"  {file}")
        if len(each.sheets) > len(each.datasets):
            print_text(translate_key("acts.more_sheets", count=len(each.sheets)))
        _print_next(f"citylake quarantine correct {each.files[0]}")


def print_decided(done: Sequence[DecidedRows], *, dry_run: bool) -> None:
    """Print what was decided in each dataset, and every row that was refused."""
    if not done:
        print_text(translate_key("acts.none_chosen"))
    for each in done:
        _print_counts("acts.decided", each.dataset, dry_run, rows=each.rows, already=each.already)
        if each.withdrawn:
            print_text(translate_key("acts.withdrawn_rows", count=f"{each.withdrawn:,}"))
        for row in each.refused.iter_rows(named=True):
            print_text("  " + render_issue(row["code"], _stated(row)), error=True)
        if each.act:
            _print_next(f"citylake replay {each.dataset} --quarantine")


def print_corrected(done: Sequence[CorrectedRows], saved: Sequence[Path], *, dry_run: bool) -> None:
    """Print what was recorded in each dataset, and every line that was refused, with its place in the file."""
    if not done:
        print_text(translate_key("acts.none_filled"))
    for each in done:
        counts = {"rows": each.rows, "already": each.already, "corrections": each.corrections.height}
        _print_counts("acts.corrected", each.dataset, dry_run, **counts)
        for row in each.refused.iter_rows(named=True):
            print_text(f"  {_place(row)}: {render_issue(row['code'], _stated(row))}", error=True)
        if each.act:
            _print_next(f"citylake replay {each.dataset} --quarantine")
    for path in saved:
        print_text(translate_key("acts.saved", file=path))


def print_meaning(done: CorrectedValue) -> None:
    """Print whether a value's meaning was recorded, or what to change in the declarations."""
    meaning = done.meaning
    values = {"field": meaning.field, "value": meaning.value, "means": meaning.means, "rows": f"{done.rows:,}"}
    print_text(translate_key(f"acts.meaning_{done.outcome}", dataset=meaning.dataset, **values))
    for each in done.changes:
        print_text(f"  {each.file}:{each.line}\n    {each.text}")
    if done.outcome == "proposed":
        _print_next(f"citylake lint && citylake replay {meaning.dataset}")
    elif done.outcome == "recorded":
        _print_next(f"citylake replay {meaning.dataset} --quarantine")


def print_withdrawn(meaning: ValueMeaning) -> None:
    """Print that the correction of a value does not hold any more."""
    values = {"field": meaning.field, "value": meaning.value}
    print_text(translate_key("acts.meaning_withdrawn", dataset=meaning.dataset, **values))
    _print_next(f"citylake replay {meaning.dataset} --quarantine")


def _print_counts(key: str, dataset: str, dry_run: bool, **counts: int) -> None:
    shown = {name: f"{count:,}" for name, count in counts.items()}
    text = translate_key(key, dataset=dataset, **shown)
    print_text(translate_key("acts.dry_run", text=text) if dry_run else text)


def _print_next(command: str) -> None:
    print_text(translate_key("acts.next", command=command))


def _place(row: Mapping[str, Any]) -> str:
    """Sheet, line and column of a line in the file."""
    key = "acts.place_sheet" if row["sheet"] else "acts.place_line"
    return translate_key(key, sheet=row["sheet"], line=row["line"], column=row["column"])


def _stated(row: Mapping[str, Any]) -> dict[str, Any]:
    stated = {name: "" if value is None else value for name, value in row.items()}
    state = row.get("state") or ""
    parts = (translate_key(f"acts.state_{name}", current_language()) for name in state.split(",") if name)
    return {**stated, "state": ", ".join(parts)}
