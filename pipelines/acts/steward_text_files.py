"""The same lines as CSV or YAML: the headings are the keys of the columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

import yaml

from citylake.pipelines.acts.steward_columns import COLUMNS, FILLED_IN
from citylake.pipelines.acts.steward_lines import StewardLine
from citylake.pipelines.read.spreadsheet_csv import write_spreadsheet_csv


class CsvExport:
    """A CSV file for each dataset: they have different fields. Its name ends with that of the dataset."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.files: list[Path] = []

    def write_dataset(self, dataset: str, fields: Sequence[str], lines: Iterable[StewardLine], choices: object) -> int:
        """Write the lines of a dataset; returns their number."""
        file = self._path.with_name(f"{self._path.stem}-{dataset}.csv")
        counted = _Counted(lines)
        rows = ([*_texts(line).values(), *(line.source.get(name) for name in fields)] for line in counted.each())
        write_spreadsheet_csv(file, [*COLUMNS, *fields], rows)
        self.files.append(file)
        return counted.count


class YamlExport:
    """One YAML file: a list ``corrections`` with an entry for each line. It is written as the lines are read."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Self:
        self._file: IO[str] = self._path.open("w", encoding="utf-8")
        self._file.write("corrections:\n")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def write_dataset(self, dataset: str, fields: Sequence[str], lines: Iterable[StewardLine], choices: object) -> int:
        """Write the lines of a dataset; returns their number."""
        counted = _Counted(lines)
        for line in counted.each():
            entry = [{**_texts(line), "source": dict(line.source)}]
            self._file.write(yaml.safe_dump(entry, allow_unicode=True, sort_keys=False, width=1000))
        return counted.count


class _Counted:
    def __init__(self, lines: Iterable[StewardLine]) -> None:
        self._lines, self.count = lines, 0

    def each(self) -> Iterable[StewardLine]:
        for line in self._lines:
            self.count += 1
            yield line


def _texts(line: StewardLine) -> dict[str, Any]:
    """The line by the keys of the columns; what the steward fills in is empty."""
    known = {
        "dataset": line.dataset,
        "row_id": line.row_id,
        "file": line.file,
        "row": line.row,
        "state": line.state,
        "due": None if line.due is None else line.due.isoformat(),
        "field": line.field,
        "value_now": line.value,
        "reason_zh": line.reason["zh"],
        "reason_en": line.reason["en"],
        **dict.fromkeys(FILLED_IN),
    }
    return {key: known[key] for key in COLUMNS}
