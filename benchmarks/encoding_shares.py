"""``python -m benchmarks.encoding_shares``: the share of city files in many encodings that are read right.

A file is right if its text is, whatever the name of the encoding. Texts of ASCII alone are not counted.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.generate.encoded_files import EncodedCity, encoded_city_files
from citylake.pipelines.parse.read_request import ParseReport, ReadRequest
from citylake.pipelines.parse.text_encoding import detect_encoding, to_utf8
from citylake.schemas.words.errors import CitylakeError

Outcome = Literal["right", "held", "wrong guess", "wrong proof"]
TARGET = 0.97
"""The least share of right texts with the locale of the contract."""


@dataclass(frozen=True, slots=True)
class EncodingResult:
    """One file and what became of it."""

    file: EncodedCity
    with_locale: bool
    outcome: Outcome
    read_as: str


def read_encoded_files(files: Iterable[EncodedCity], folder: Path, *, with_locale: bool) -> Iterator[EncodingResult]:
    """Decide the encoding of every file, as the reader of a CSV does."""
    for file in files:
        path = folder / "city.csv"
        path.write_bytes(file.body)
        locale = file.locale if with_locale else ""
        request = ReadRequest((path,), path.name, folder, lambda _frame: 0, locale=locale)
        report = ParseReport()
        try:
            found = to_utf8(request, detect_encoding(request, path, None, "csv", report))
        except CitylakeError as error:
            yield EncodingResult(file, with_locale, "held", error.code)
            continue
        same = found.path.read_text("utf-8-sig") == file.text
        kind = report.facts["encoding_kind"]
        outcome: Outcome = "right" if same else "wrong guess" if kind == "guessed" else "wrong proof"
        yield EncodingResult(file, with_locale, outcome, report.facts["encoding"])


def right_share(results: Iterable[EncodingResult]) -> float:
    """The share of right texts."""
    counted = Counter(result.outcome for result in results)
    return counted["right"] / max(1, counted.total())


def main() -> None:
    """Measure and print the shares by script, and every kind of file that was not read right."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.encoding_shares", description=__doc__)
    parser.add_argument("--repeats", type=int, default=6)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    for with_locale in (True, False):
        with tempfile.TemporaryDirectory(prefix="citylake-bench-") as folder:
            files = encoded_city_files(asked.repeats, asked.seed)
            found = list(read_encoded_files(files, Path(folder), with_locale=with_locale))
        for native in (True, False):
            _print_shares([one for one in found if one.file.native is native], with_locale=with_locale, native=native)


def _print_shares(found: list[EncodingResult], *, with_locale: bool, native: bool) -> None:
    which = "encodings of the script" if native else "other encodings that have its letters"
    print(
        f"\n{'with' if with_locale else 'without'} the locale, {which}: {right_share(found):.1%} of {len(found)} right"
    )
    for script in dict.fromkeys(result.file.script for result in found):
        own = [result for result in found if result.file.script == script]
        print(f"  {script:12} {right_share(own):6.1%}  {dict(Counter(result.outcome for result in own))}")
    missed = Counter(
        (one.file.script, one.file.encoding, one.outcome, one.read_as) for one in found if one.outcome != "right"
    )
    for kind, count in missed.most_common(12):
        print(f"    {count:4} {' · '.join(kind)}")


if __name__ == "__main__":
    main()
