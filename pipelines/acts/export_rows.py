"""Export: the refused rows of each department as a file in which its stewards enter the right values."""

from __future__ import annotations

import glob
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Protocol

import polars as pl

from citylake.pipelines.acts.act_record import ActContent, record_act
from citylake.pipelines.acts.act_work import ActWork
from citylake.pipelines.acts.chosen_rows import ChosenRows
from citylake.pipelines.acts.correction_choices import correction_choices
from citylake.pipelines.acts.disputes.questioned_rows import questioned_rows, with_questioned
from citylake.pipelines.acts.disputes.recorded_disputes import last_disputes
from citylake.pipelines.acts.export_guide import guide_lines
from citylake.pipelines.acts.fault_lines import open_fault_lines
from citylake.pipelines.acts.recorded_corrections import row_corrections
from citylake.pipelines.acts.rights import require_right
from citylake.pipelines.acts.steward_lines import steward_lines
from citylake.pipelines.acts.steward_text_files import CsvExport, YamlExport
from citylake.pipelines.acts.steward_workbook import StewardWorkbook
from citylake.pipelines.acts.workbook_texts import file_name
from citylake.pipelines.lake.access_record import Access, record_access
from citylake.pipelines.lake.ledger.ledger_store import ledger_now
from citylake.pipelines.lake.row_id import ROW_PLACE
from citylake.pipelines.read.masked_fields import masked_fields
from citylake.pipelines.read.quarantine_states import RowState
from citylake.schemas.model.contract import Contract
from citylake.schemas.words.errors import CitylakeError

ExportFormat = Literal["xlsx", "csv", "yaml"]
EXPORTABLE: Final[tuple[RowState, ...]] = ("open", "exported", "corrected", "held")


class _Writer(Protocol):
    def write_dataset(self, dataset: str, fields: Sequence[str], lines: Any, choices: Any) -> int: ...


@dataclass(slots=True)
class DepartmentExport:
    """What was written for one department."""

    department: str
    files: list[Path] = field(default_factory=list)
    """One; with CSV one for each dataset."""
    rows: int = 0
    """Source rows in it."""
    lines: int = 0
    """One for each row and field at fault."""
    sheets: list[str] = field(default_factory=list)
    """Of a workbook: more than one for a dataset whose lines do not fit on one sheet."""
    datasets: list[str] = field(default_factory=list)
    acts: list[str] = field(default_factory=list)
    """The acts that recorded the rows as exported; none of rows that were exported or corrected before."""

    def document(self) -> dict[str, Any]:
        """Return the result for JSON."""
        return {**asdict(self), "files": [str(file) for file in self.files]}


def export_rows(work: ActWork, chosen: ChosenRows, folder: Path, form: ExportFormat = "xlsx") -> list[DepartmentExport]:
    """Write one file for each department that has refused rows among the chosen ones, or open questions.

    Rows that are open become ``exported``; held rows and corrected ones are written, and stay what they are. So are the
    rows of values in marts that somebody disputes (``questioned``), unless rows are chosen by more than their
    department and dataset.

    Args:
        work: Who exports, and where.
        chosen: The rows; those that nobody has to settle any more are left out.
        folder: Where the files are written. No file is replaced: someone may have filled it in.
        form: ``xlsx``; ``csv`` (a file for each dataset) or ``yaml``, which :func:`correct_rows` reads as well.

    Returns:
        The files; none if no row waits.

    Raises:
        CitylakeError: ACT_NOT_ALLOWED; OUTPUT_UNWRITABLE; REPORT_LIBRARY_MISSING; ROW_ID_UNKNOWN.
    """
    waiting = _waiting(work, chosen)
    for contract, _ in waiting:
        require_right(work.registry, work.person, "export", contract.owner.department)
    by_department: dict[str, list[tuple[Contract, pl.LazyFrame]]] = {}
    for contract, rows in waiting:
        by_department.setdefault(contract.owner.department, []).append((contract, rows))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_export(work, folder, form, name, found) for name, found in sorted(by_department.items())]
    except OSError as error:
        raise CitylakeError("OUTPUT_UNWRITABLE", file=folder, why=error.strerror or str(error)) from error


def _waiting(work: ActWork, chosen: ChosenRows) -> list[tuple[Contract, pl.LazyFrame]]:
    found: dict[str, pl.LazyFrame] = {}
    for contract, rows in chosen.by_dataset(work, EXPORTABLE):
        waiting = rows.filter(pl.col("state").is_in(EXPORTABLE))
        if waiting.head(1).collect(engine="streaming").height:
            found[contract.dataset] = waiting
    for contract in _questioned_datasets(work, chosen):
        asked = questioned_rows(work, contract.dataset)
        if asked.height:
            found[contract.dataset] = with_questioned(found.get(contract.dataset), asked)
    return [(work.registry.contracts[dataset], rows) for dataset, rows in found.items()]


def _questioned_datasets(work: ActWork, chosen: ChosenRows) -> list[Contract]:
    """Those that are asked, if the rows are chosen by dataset or department alone."""
    if chosen.ids or chosen.where.chooses_rows:
        return []
    asked = last_disputes(work.ledger).filter(state="open")["dataset"].unique().to_list()
    return [
        contract
        for name in sorted(asked)
        if (contract := work.registry.contracts.get(name))
        and (not chosen.where.datasets or name in chosen.where.datasets)
        and chosen.where.department in (None, contract.owner.department)
    ]


def _export(
    work: ActWork, folder: Path, form: ExportFormat, department: str, found: list[tuple[Contract, pl.LazyFrame]]
) -> DepartmentExport:
    done, path = DepartmentExport(department), _new_file(folder, department, form)
    done.files.append(path)
    if form == "xlsx":
        with StewardWorkbook(path) as book:
            book.write_guide(guide_lines(work, department, path))
            _write_datasets(work, done, book, found)
        done.sheets = book.sheets
    elif form == "yaml":
        with YamlExport(path) as document:
            _write_datasets(work, done, document, found)
    else:
        tables = CsvExport(path)
        _write_datasets(work, done, tables, found)
        done.files = tables.files
    # The file first: a row whose file could not be written was not exported.
    counts = {contract.dataset: _record(work, done, contract, rows) for contract, rows in found}
    _record_accesses(work, done, counts)
    return done


def _new_file(folder: Path, department: str, form: str) -> Path:
    """A file that does not exist: the department's name, the day, and a number if there are several."""
    stem = f"{file_name(department)}-{ledger_now().date()}"
    names = (f"{stem}{end}" for end in ("", *(f"-{number}" for number in range(2, 10_000))))
    return folder / next(f"{name}.{form}" for name in names if not any(folder.glob(f"{glob.escape(name)}[.-]*")))


def _write_datasets(
    work: ActWork, done: DepartmentExport, to: _Writer, found: list[tuple[Contract, pl.LazyFrame]]
) -> None:
    for contract, rows in found:
        masked = masked_fields(contract, work.registry)
        corrected = row_corrections(work, contract.dataset)
        choices = correction_choices(contract, work.registry, work.lake)
        with open_fault_lines(rows, corrected, contract, work.registry, work.lake) as lines:
            done.lines += to.write_dataset(contract.dataset, lines.fields, steward_lines(lines, masked), choices)
        done.datasets.append(contract.dataset)


def _record(work: ActWork, done: DepartmentExport, contract: Contract, rows: pl.LazyFrame) -> int:
    """Record the new rows as exported; return how many rows of the dataset are in the file."""
    every = rows.group_by(ROW_PLACE).agg((pl.col("state") == "open").any().alias("new")).collect(engine="streaming")
    done.rows += every.height
    # Rows that are questioned are not exported: they are not in the quarantine.
    if (new := every.filter("new")).height:
        details = {"files": [file.name for file in done.files]}
        content = ActContent("export_rows", contract, "", "exported", new.select(ROW_PLACE), details=details)
        done.acts.append(record_act(work, content))
    return every.height


def _record_accesses(work: ActWork, done: DepartmentExport, counts: dict[str, int]) -> None:
    """Every export is on record, also of rows that were exported before."""
    request = f"quarantine → {done.department}: {', '.join(file.name for file in done.files)}"
    user, via = work.person.user, work.person.via
    accesses = (Access("export", "dataset", dataset, request, user, via, rows=rows) for dataset, rows in counts.items())
    record_access(work.ledger, *accesses)
