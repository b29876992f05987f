"""The workbook of a department: a sheet for each dataset, in which stewards enter the right values.

Rows are written as they are read: memory does not grow with them. No text of a source becomes a formula or a link.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

from citylake.pipelines.acts.correction_choices import Choices
from citylake.pipelines.acts.disputes.questioned_rows import QUESTIONED
from citylake.pipelines.acts.steward_columns import COLUMNS, FILLED_IN, column_heading
from citylake.pipelines.acts.steward_lines import StewardLine
from citylake.pipelines.acts.workbook_texts import cell_text, sheet_name
from citylake.pipelines.read.quarantine_states import ROW_STATES
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    import xlsxwriter
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

SHEET_ROWS: Final = 1_048_576
"""The format's limit, heading included."""
_OPTIONS: Final = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
_OPTIONS_OF_TEXT: Final = {"strings_to_numbers": False, "nan_inf_to_errors": False}
_WIDTHS: Final = {"row_id": 26, "file": 22, "row": 8, "state": 10, "due": 12, "field": 16, "value_now": 20,
                  "reason_zh": 44, "reason_en": 44, "correct_value": 22, "why": 22, "dataset": 20}  # fmt: skip
_SOURCE_WIDTH: Final = 16
_PROTECTION: Final = {"autofilter": True, "sort": True, "format_columns": True, "format_rows": True}
_LISTS: Final = "_lists"
_A4: Final = 9


@dataclass(slots=True)
class _Sheet:
    """A sheet that is being written, and the lines of each field in it."""

    dataset: str
    sheet: Worksheet
    fields: Sequence[str]
    row: int = 0
    ranges: dict[str | None, tuple[int, int]] = field(default_factory=dict)
    """Lines are sorted by field."""


class StewardWorkbook:
    """Writes one workbook; use it in a ``with`` statement. Raises REPORT_LIBRARY_MISSING and OUTPUT_UNWRITABLE."""

    def __init__(self, path: Path, sheet_rows: int = SHEET_ROWS) -> None:
        self._path, self._rows = path, sheet_rows
        self._book = _new_workbook(path)
        self._styles = {name: self._book.add_format(look) for name, look in _LOOKS.items()}
        self._guide = self._book.add_worksheet(translate_key("acts.guide_sheet"))
        self._states: dict[str, str] = {state: _both(f"acts.state_{state}") for state in (*ROW_STATES, QUESTIONED)}
        self._names = [self._guide.name.lower(), _LISTS]
        self._lists: list[Sequence[str]] = []
        self.sheets: list[str] = []
        """The names of the sheets of datasets so far."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is None:
            self._write_lists()
        try:
            self._book.close()
        except OSError as fault:
            raise CitylakeError("OUTPUT_UNWRITABLE", file=self._path, why=fault.strerror or str(fault)) from fault

    def write_guide(self, lines: Sequence[str]) -> None:
        """Write what a steward has to do, a line each, on the first sheet."""
        self._guide.set_column(0, 0, 110)
        for number, line in enumerate(lines):
            self._guide.write_string(number, 0, cell_text(line), self._styles["bold" if number == 0 else "wrap"])
        self._guide.protect()

    def write_dataset(
        self, dataset: str, fields: Sequence[str], lines: Iterable[StewardLine], choices: Mapping[str, Choices]
    ) -> int:
        """Write the lines of a dataset, on further sheets if they are more than a sheet can hold; returns their number.

        ``fields``: the source's, in order. ``choices``: by field, the texts to choose from.
        """
        sheet, count = None, 0
        lists = {field: self._add_list(list(texts)) for field, texts in choices.items() if texts}
        for line in lines:
            if sheet is None or sheet.row + 1 >= self._rows:
                self._finish(sheet, lists)
                sheet = self._begin(dataset, fields)
            self._write_line(sheet, line)
            count += 1
        self._finish(sheet, lists)
        return count

    def _add_list(self, texts: Sequence[str]) -> str:
        from xlsxwriter.utility import xl_col_to_name

        self._lists.append([cell_text(text) for text in texts][:SHEET_ROWS])
        column = xl_col_to_name(len(self._lists) - 1)
        return f"={_LISTS}!${column}$1:${column}${len(self._lists[-1])}"

    def _begin(self, dataset: str, fields: Sequence[str]) -> _Sheet:
        name = sheet_name(dataset, self._names)
        sheet = self._book.add_worksheet(name)
        self._names.append(name.lower())
        self.sheets.append(name)
        _lay_out(sheet, len(fields), self._styles)
        headings = [column_heading(key) for key in COLUMNS] + [cell_text(name) for name in fields]
        for place, heading in enumerate(headings):
            look = "entry_heading" if place < len(COLUMNS) and COLUMNS[place] in FILLED_IN else "heading"
            sheet.write_string(0, place, heading, self._styles[look])
        return _Sheet(dataset, sheet, fields)

    def _write_line(self, to: _Sheet, line: StewardLine) -> None:
        to.row += 1
        first, _ = to.ranges.get(line.field, (to.row, to.row))
        to.ranges[line.field] = (first, to.row)
        texts, write, row = _cell_values(line, self._states), to.sheet.write_string, to.row
        for place, key in enumerate(COLUMNS):
            if key in FILLED_IN or (key == "field" and line.field is None):
                to.sheet.write_blank(row, place, None, self._styles["entry"])
            else:
                write(row, place, cell_text(texts[key]), self._styles[_STYLE_OF.get(key, "text")])
        for place, name in enumerate(to.fields, len(COLUMNS)):
            value = line.source.get(name)
            if value is not None or name == line.field:
                write(row, place, cell_text(value or ""), self._styles["fault" if name == line.field else "text"])

    def _finish(self, done: _Sheet | None, lists: Mapping[str, str]) -> None:
        if done is None:
            return
        done.sheet.autofilter(0, 0, done.row, len(COLUMNS) + len(done.fields) - 1)
        for name, (first, last) in done.ranges.items():
            if name is not None and name in lists:
                _offer(done.sheet, first, last, COLUMNS.index("correct_value"), lists[name])
        if None in done.ranges:
            first, last = done.ranges[None]
            _offer(done.sheet, first, last, COLUMNS.index("field"), self._add_list(list(done.fields)))

    def _write_lists(self) -> None:
        """Write the lists for drop-downs on a hidden sheet: those in a cell's rule are limited to 255 characters."""
        if not self._lists:
            return
        sheet = self._book.add_worksheet(_LISTS)
        for row in range(max(map(len, self._lists))):
            for column, texts in enumerate(self._lists):
                if row < len(texts):
                    sheet.write_string(row, column, texts[row])
        sheet.protect()
        sheet.hide()


_STYLE_OF: Final = {"value_now": "fault", "reason_zh": "wrap", "reason_en": "wrap"}
_TEXT: Final = {"num_format": "@", "valign": "top"}
_LOOKS: Final[Mapping[str, dict[str, Any]]] = {
    "text": _TEXT,
    "wrap": {**_TEXT, "text_wrap": True},
    "bold": {**_TEXT, "bold": True, "text_wrap": True},
    "heading": {**_TEXT, "bold": True, "text_wrap": True, "bg_color": "#D9E1F2", "border": 1},
    "entry_heading": {**_TEXT, "bold": True, "text_wrap": True, "bg_color": "#A9D08E", "border": 1},
    "fault": {**_TEXT, "bg_color": "#FFE699", "font_color": "#7F1D1D"},
    "entry": {**_TEXT, "locked": False, "bg_color": "#E2EFDA", "border": 1, "border_color": "#A9D08E"},
}


def _new_workbook(path: Path) -> xlsxwriter.Workbook:
    try:
        import xlsxwriter
    except ImportError as error:
        raise CitylakeError("REPORT_LIBRARY_MISSING", library="xlsxwriter") from error
    return xlsxwriter.Workbook(str(path), {**_OPTIONS, **_OPTIONS_OF_TEXT})


def _lay_out(sheet: Worksheet, fields: int, styles: Mapping[str, Format]) -> None:
    """Freeze the heading, set widths, protect all but the entries, and prepare printing."""
    for place, key in enumerate(COLUMNS):
        sheet.set_column(place, place, _WIDTHS[key])
    if fields:
        sheet.set_column(len(COLUMNS), len(COLUMNS) + fields - 1, _SOURCE_WIDTH)
    sheet.freeze_panes(1, COLUMNS.index("row_id") + 1)
    sheet.set_row(0, 32, styles["heading"])
    sheet.protect("", dict(_PROTECTION))
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&A&R&P / &N")


def _offer(sheet: Worksheet, first: int, last: int, column: int, source: str) -> None:
    """Add a drop-down. Other texts are accepted after a question: aliases of codes are right, too."""
    rule = {"validate": "list", "source": source, "error_type": "warning", "ignore_blank": True}
    words = {"error_title": translate_key("acts.choice_title"), "error_message": translate_key("acts.choice_message")}
    sheet.data_validation(first, column, last, column, {**rule, **words})


def _cell_values(line: StewardLine, states: Mapping[str, str]) -> dict[str, str]:
    """The texts of a line but what the steward enters, by key."""
    return {
        "dataset": line.dataset,
        "row_id": line.row_id,
        "file": line.file,
        "row": str(line.row),
        "state": states.get(line.state, line.state),
        "due": "" if line.due is None else line.due.isoformat(),
        "field": line.field or "",
        "value_now": line.value or "",
        "reason_zh": line.reason["zh"],
        "reason_en": line.reason["en"],
    }


def _both(key: str) -> str:
    return " / ".join(translate_key(key, language) for language in ("zh", "en"))
