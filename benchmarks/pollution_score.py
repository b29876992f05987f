"""``python -m benchmarks.pollution_score``: how well polluted CSV files are read, as a weighted score from 0 to 10.

The ten measures of the Pollock benchmark: success, and precision, recall and F1 of the header, the records and the
cells, as bags of texts. Blanks around a text do not count, as conform removes them. A row in quarantine is missing.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.polluted_csv import PollutedFile, Row, clean_rows, polluted_files
from citylake.pipelines.parse.csv_reader import read_csv
from citylake.pipelines.parse.read_request import ReadRequest
from citylake.schemas.model.formats import CsvFormat
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    import polars as pl


@dataclass(slots=True)
class PollutedReading:
    """What was read of a file: the header, the rows by their line, the refused lines, the notices."""

    header: Row = ()
    rows: dict[int, Row] = field(default_factory=dict)
    refused: dict[int, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    problem: str = ""


def read_polluted(file: PollutedFile, scratch: Path) -> PollutedReading:
    """Read one file with its format."""
    path, reading = scratch / "polluted.csv", PollutedReading()
    path.write_bytes(file.body)
    frames: list[pl.DataFrame] = []

    def write(frame: pl.LazyFrame) -> int:
        frames.append(frame.collect())
        return frames[-1].height

    def refuse(frame: pl.LazyFrame) -> int:
        bad = frame.collect()
        for row, text, code in bad.select("_row", "text", "code").iter_rows():
            reading.refused |= dict.fromkeys(range(row, row + max(len(text.splitlines()), 1)), code)
        return bad.height

    try:
        found = read_csv(ReadRequest((path,), file.name, scratch, write, refuse=refuse), CsvFormat(**file.fmt))
    except CitylakeError as error:
        reading.problem = error.code
        return reading
    reading.header = found.columns
    reading.notices = [notice["code"] for notice in found.report.notices]
    for row in frames[-1].select("_row", *found.columns).iter_rows():
        reading.rows[row[0]] = tuple((text or "").strip() for text in row[1:])
    return reading


def score_reading(file: PollutedFile, reading: PollutedReading) -> float:
    """The sum of the ten measures."""
    if reading.problem:
        return 0.0
    expected, found = file.table, [tuple(name.strip() for name in reading.header), *reading.rows.values()]
    pairs = (
        (expected[0], found[0]),
        (_joined(expected[1:]), _joined(found[1:])),
        ([cell for row in expected for cell in row], [cell for row in found for cell in row]),
    )
    return 1.0 + sum(sum(_measures(Counter(want), Counter(got))) for want, got in pairs)


def shifted_rows(file: PollutedFile, reading: PollutedReading) -> dict[int, Row]:
    """Rows of the table that were read with other values, by their line."""
    return {line: row for line, row in reading.rows.items() if line in file.lines and row != file.lines[line]}


def _joined(rows: Iterable[Row]) -> list[str]:
    return ["".join(row) for row in rows]


def _measures(expected: Counter[str], found: Counter[str]) -> tuple[float, float, float]:
    if not expected and not found:
        return 1.0, 1.0, 1.0
    same = (expected & found).total()
    precision, recall = same / max(expected.total(), 1), same / max(found.total(), 1)
    return precision, recall, 2 * precision * recall / (precision + recall) if same else 0.0


@dataclass(slots=True)
class PollutionScore:
    """Scores by kind, each with its weight, and the names of the files with a wrong row and no notice."""

    scores: dict[str, list[tuple[float, float]]] = field(default_factory=lambda: defaultdict(list))
    shifted: list[str] = field(default_factory=list)

    @property
    def weighted(self) -> float:
        """The mean of all files by their weight."""
        every = [each for some in self.scores.values() for each in some]
        return sum(weight * score for weight, score in every) / sum(weight for weight, _ in every)

    @property
    def simple(self) -> float:
        """The mean of all files."""
        every = [score for some in self.scores.values() for _, score in some]
        return sum(every) / len(every)

    def by_kind(self) -> dict[str, float]:
        """The mean of each kind."""
        return {kind: sum(score for _, score in some) / len(some) for kind, some in self.scores.items()}


def score_files(files: Iterable[PollutedFile]) -> PollutionScore:
    """Read and score all ``files``."""
    result = PollutionScore()
    with tempfile.TemporaryDirectory(prefix="citylake-") as scratch:
        for file in files:
            reading = read_polluted(file, Path(scratch))
            result.scores[file.kind].append((file.weight, score_reading(file, reading)))
            if shifted_rows(file, reading) and not reading.notices:
                result.shifted.append(file.name)
    return result


def main(arguments: Sequence[str] | None = None) -> None:
    """Print the score of each kind, and of all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=1, help="of the pollutions of rows and fields, one in so many")
    chosen = parser.parse_args(arguments)
    result = score_files(polluted_files(clean_rows(), chosen.every))
    for kind, score in result.by_kind().items():
        print(f"{score:6.3f}  {kind}")
    print(f"{result.weighted:6.3f}  weighted; {result.simple:.3f} simple")
    print(f"shifted in silence: {', '.join(result.shifted) or 'none'}")


if __name__ == "__main__":
    main()
