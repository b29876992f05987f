"""The harness: a fast wrong answer is none, and memory is that of everything that was started."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from benchmarks.check import slides
from benchmarks.generate.layout import FAULTS
from benchmarks.generate.rows import Plan
from benchmarks.generate.write import truth_path, write
from benchmarks.job import WORKSPACE
from benchmarks.measure.process import FailedError, Sample, run
from benchmarks.measure.program import Measured, Program, in_turns
from benchmarks.measure.table import Table
from benchmarks.peers import outcome
from benchmarks.programs import core
from benchmarks.verify import FAULTS as NAMED
from benchmarks.verify import added, differences
from citylake.schemas.lint import lint_workspace

PASS = (sys.executable, "-c", "pass")


def test_the_core_job_finds_every_planted_fault_and_nothing_else(tmp_path: Path) -> None:
    write(Plan(5000), tmp_path / "a.csv")
    (measured,) = in_turns([core(tmp_path / "a.csv")], 1, tmp_path / "run", lambda _: None)
    assert measured.samples[0].seconds > 0


def test_the_core_job_fails_where_the_truth_is_another(tmp_path: Path) -> None:
    write(Plan(2000), tmp_path / "a.csv")
    path = truth_path(tmp_path / "a.csv")
    truth = json.loads(path.read_text())
    truth["faults"]["speed_range"] += 1
    path.write_text(json.dumps(truth))
    with pytest.raises(FailedError, match="faults: planted"):
        in_turns([core(tmp_path / "a.csv")], 1, tmp_path / "run", lambda _: None)


def test_programs_run_in_turns_each_in_its_own_empty_folder(tmp_path: Path) -> None:
    log = tmp_path / "log"
    code = f"""
import os, sys
name, out = sys.argv[1:]
assert not os.listdir(out)
open(out + "/left", "w").close()
open({str(log)!r}, "a").write(name)
"""
    programs = [Program(name, (sys.executable, "-c", code, name, "{out}")) for name in "ab"]
    measured = in_turns(programs, 2, tmp_path / "run", lambda _: None)
    assert log.read_text() == "abab"
    assert [len(item.samples) for item in measured] == [2, 2]


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_is_that_of_all_processes_together(tmp_path: Path) -> None:
    hold = "import time; held = b'x' * 80_000_000; time.sleep(0.5)"
    both = f"import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', {hold!r}]); {hold}; child.wait()"
    sample = run((sys.executable, "-c", both), {}, tmp_path / "log")
    assert 150 < sample.own_mb < 260
    assert sample.peak_mb >= sample.own_mb


def test_a_failing_program_shows_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(FailedError, match="no such thing"):
        run((sys.executable, "-c", "raise SystemExit('no such thing')"), {}, tmp_path / "log")


def _measured(name: str, *seconds: float, cpu: float = 1) -> Measured:
    """``cpu``: CPU seconds for each second."""
    return Measured(name, tuple(Sample(value, value * cpu, 10.0, 5.0) for value in seconds))


def test_ratios_are_medians_over_the_turns_and_more_is_faster() -> None:
    table = Table("job", "what", "base", [_measured("base", 1, 2, 9), _measured("other", 2, 4, 90, cpu=2)], 8)
    rows = table.values()["programs"]
    assert [(row["ratio"], row["cpu_ratio"], row["rows_per_second"]) for row in rows] == [(1.0, 1.0, 4), (0.5, 0.25, 2)]
    assert "| other | 4.00 | 8.00 | 0.50 | 0.25 | 2 | 10 | 5 |" in table.markdown()


def test_programs_that_ran_less_often_are_compared_by_their_medians() -> None:
    assert _measured("once", 4).ratio(_measured("base", 1, 2, 9)) == 0.5


@pytest.mark.parametrize(("share", "slid"), [(0.31, False), (0.29, True)])
def test_the_check_fails_below_half_of_what_is_written(share: float, slid: bool) -> None:
    assert bool(slides({"citylake run": share}, {"citylake run": 0.6})) is slid


def _truth() -> dict[str, Any]:
    return {
        "standard": 10,
        "quarantined": 3,
        "duplicates": 1,
        "faults": dict.fromkeys(FAULTS, 1) | {"key_repeated": 2},
        "days": {"2024-06-03": 10},
        "sums": {"flow": 5.0, "speed": 10.0, "longitude": 1200.0, "latitude": 300.0},
    }


def test_the_benchmarks_declarations_are_without_fault() -> None:
    assert lint_workspace(WORKSPACE) == []


def test_every_planted_fault_has_the_issue_that_must_tell_of_it() -> None:
    assert set(NAMED) == {*FAULTS, "key_repeated"}


@pytest.mark.parametrize(("name", "by", "told"), [("speed", 1e-6, True), ("longitude", 1e-6, False), ("flow", 1, True)])
def test_sums_are_compared_as_nearly_as_the_data_allow(name: str, by: float, told: bool) -> None:
    seen = _truth()
    seen["sums"][name] += by
    assert bool(differences(_truth(), seen)) is told


def test_truths_of_several_files_add_up() -> None:
    whole = added([_truth() | {"plan": {"rows": 14}}, _truth() | {"plan": {"rows": 14}}])
    assert (whole["standard"], whole["faults"]["key_repeated"], whole["sums"]["speed"]) == (20, 4, 20.0)


def test_a_peer_is_right_with_exact_repeats_among_its_refused_rows() -> None:
    broken = dict.fromkeys(outcome.RULES, 1) | {"time": 2}
    seen = {"good": 10, "bad": 4}
    assert outcome.differences(_truth(), {**seen, "broken": broken | {"key": 3}}) == []
    assert outcome.differences(_truth(), {**seen, "broken": broken | {"key": 2}}) == ["key: planted 3, found 2"]


def test_a_program_with_nothing_to_check_is_only_timed(tmp_path: Path) -> None:
    (measured,) = in_turns([Program("pass", PASS)], 3, tmp_path, lambda _: None)
    assert len(measured.samples) == 3
    assert measured.seconds == sorted(sample.seconds for sample in measured.samples)[1]
