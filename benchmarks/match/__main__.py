"""``python -m benchmarks.match``: the shares of right answers of the matching engine, on the sets that are here."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from rapidfuzz import fuzz, process

from benchmarks.match.chinese import measure_chinese
from benchmarks.match.councils import CouncilQuestion, Councils, rank_of_answers, read_councils, share_within
from benchmarks.measure.program import ROOT
from citylake.pipelines.match.name_words import name_words

HEAD = (
    "| set | asked | top-1 | top-3 | hard: asked | top-1 | top-3 |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: |"
)


def main() -> None:
    """Print a table for the councils' columns and one for the Chinese names."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.match", description=__doc__)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    folder = parser.parse_args().data / "digital_land"
    if folder.is_dir():
        print(HEAD)
        for name, ranks in council_runs(read_councils(folder)):
            print(_row(name, ranks), flush=True)
    print("\n| Chinese names | asked | top-1 | top-3 |\n| --- | ---: | ---: | ---: |")
    for each in measure_chinese(ROOT / "tests" / "all_packs"):
        print(f"| {each.name} | {each.asked} | {each.first:.3f} | {each.third:.3f} |", flush=True)


def council_runs(councils: Councils) -> Iterator[tuple[str, list[tuple[CouncilQuestion, int]]]]:
    """Every run over the councils' columns, by name."""
    yield "WRatio of rapidfuzz", _by_ratio(councils)
    yield "names alone", rank_of_answers(councils)
    yield "other datasets' mappings learned", rank_of_answers(councils, councils.known)
    datasets = sorted({each.dataset for each in councils.questions})
    for half in (0, 1):
        asked = set(datasets[half::2])
        known = [each for each in councils.known if each.dataset not in asked]
        yield f"half {half + 1}, only the other half learned", rank_of_answers(councils, known, asked)


def _by_ratio(councils: Councils) -> list[tuple[CouncilQuestion, int]]:
    found = []
    for each in councils.questions:
        names = councils.fields[each.dataset]
        ranked = process.extract(each.column, names, scorer=fuzz.WRatio, processor=_spaced, limit=None)
        order = [name for name, _, _ in ranked]
        found.append((each, min(order.index(answer) for answer in each.answers)))
    return found


def _spaced(name: str) -> str:
    return " ".join(name_words(name))


def _row(name: str, ranks: Sequence[tuple[CouncilQuestion, int]]) -> str:
    whole = [share_within(ranks, count) for count in (1, 3)]
    hard = [share_within(ranks, count, hard=True) for count in (1, 3)]
    count = sum(each.hard for each, _ in ranks)
    return f"| {name} | {len(ranks)} | {whole[0]:.3f} | {whole[1]:.3f} | {count} | {hard[0]:.3f} | {hard[1]:.3f} |"


if __name__ == "__main__":
    main()
