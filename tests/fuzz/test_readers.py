"""Whatever bytes come, a reader gives rows or a fault with words: never another exception, an abort or a hang."""

from __future__ import annotations

import pytest

from tests.fuzz.campaign import FuzzReport, try_cases, try_readers
from tests.fuzz.corpus_files import read_corpus
from tests.fuzz.seeds import FuzzCase, seeds
from tests.thorough import examples

EXAMPLES = examples(6, 20)
TOGETHER = {
    "formats": (
        *("csv", "fixed_width", "hj212", "json", "arcgis", "portal", "datex2"),
        *("jt808", "parquet", "xlsx", "gtfs_rt", "gtfs", "geo", "compressed", "zip"),
    ),
    "declared": ("onboard", "declaration", "values"),
}
"""Readers that share a process, because its start takes longer than they do."""


def said(report: FuzzReport) -> str:
    return "\n".join(f"{each.name}: {each.why}\n{each.case}" for each in report.faults)


def test_every_reader_has_its_turn() -> None:
    assert sorted(name for names in TOGETHER.values() for name in names) == sorted(seeds())


@pytest.mark.parametrize("kind", TOGETHER)
def test_damaged_bytes_are_read_or_refused_in_words(kind: str) -> None:
    report = try_readers(TOGETHER[kind], EXAMPLES, seed=14)
    assert not report.faults, said(report)
    assert all(report.tried[name] >= 2 for name in TOGETHER[kind])


def test_what_once_broke_a_reader_is_read_or_refused_in_words() -> None:
    report = try_cases(read_corpus())
    assert not report.faults, said(report)


def test_a_death_is_reported_with_its_input() -> None:
    # The settings of this case are none: the child's own check fails, as a reader's abort would.
    case = FuzzCase("csv", (b"a,b\n1,2\n",), {"no_such": 1})
    (fault,) = try_cases({"bad": case, "good": seeds()["csv"][0]}).faults
    assert (fault.name, fault.case) == ("bad", case)
