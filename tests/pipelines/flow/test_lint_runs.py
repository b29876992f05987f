"""What lint passes runs: in random workspaces, no declaration without an error stops for a fault of its declaration."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, Phase, given, settings

from citylake import CitylakeError, Lake, Workspace, run
from citylake.dags.cron_ticks import next_tick, previous_tick
from citylake.pipelines.flow.engine_lint import lint_folder
from citylake.pipelines.flow.run_pipeline import RunOutcome
from citylake.schemas.lint import LintFinding
from citylake.schemas.words.errors import Problem
from citylake.schemas.words.message_catalogue import issue_type
from tests.random_workspaces import RandomWorkspace, workspaces

EXAMPLES = int(os.environ.get("CITYLAKE_LINT_EXAMPLES", "8"))
"""Each has four datasets and four marts. More find more: ``CITYLAKE_LINT_EXAMPLES=200 pytest …``."""
QUICK = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    phases=(Phase.generate, Phase.shrink),
    suppress_health_check=list(HealthCheck),
)
OF_VALUES = ("Conversion Error", "Out of Range Error", "Invalid Input Error")
"""How DuckDB's errors of a value begin: no one knows them before the rows are there."""


def test_what_lints_runs() -> None:
    ran: Counter[str] = Counter()

    @QUICK
    @given(made=workspaces())
    def runs(made: RandomWorkspace) -> None:
        with tempfile.TemporaryDirectory() as folder:
            root = made.write(Path(folder) / "workspace")
            datasets, marts = _sound(made, root)
            _require_ticks(made, datasets)
            _require_run(root, Path(folder) / "lake", datasets, marts)
            ran.update({"datasets": len(datasets), "marts": len(marts), "workspaces": 1})

    runs()
    # Otherwise it would hold for nothing; and faulty ones stood beside them.
    assert 4 * ran["workspaces"] > ran["datasets"] > ran["workspaces"]
    assert ran["marts"] > ran["workspaces"] / 2


def _sound(made: RandomWorkspace, root: Path) -> tuple[set[str], set[str]]:
    """The datasets, and the marts with their datasets, in which lint has no error."""
    errors = [each for each in lint_folder(root).findings if each.severity == "error"]
    numbers = range(len(made.datasets))
    datasets = {f"r.d{number}" for number in numbers if not _at(errors, root / f"datasets/r/d{number}.yaml")}
    whole = (number for number, mart in enumerate(made.marts) if f"r.d{mart.reads}" in datasets)
    return datasets, {f"m{number}" for number in whole if not _at(errors, root / f"marts/m{number}")}


def _at(errors: Iterable[LintFinding], path: Path) -> bool:
    return any(each.path == path or path in each.path.parents for each in errors)


def _require_run(root: Path, lake: Path, datasets: set[str], marts: set[str]) -> None:
    if not datasets:
        with suppress(CitylakeError):
            run(Workspace.load(root), Lake(lake))
        return
    _require_only_values(run(Workspace.load(root), Lake(lake)), datasets, marts)


def _require_only_values(done: RunOutcome, datasets: set[str], marts: set[str]) -> None:
    """Nothing but values and missing rows stopped what has no error."""
    batches = {each.dataset: each for each in done.batches}
    published = {each.mart: each for each in done.publications}
    assert datasets <= batches.keys()
    assert marts <= published.keys()
    for dataset in datasets:
        assert batches[dataset].status != "failed", batches[dataset].problems
    for problem in (p for name in datasets for p in batches[name].problems):
        _require_value(problem)
    for problem in (p for name in marts for p in published[name].problems):
        _require_value(problem)


def _require_value(problem: Problem) -> None:
    if problem.code == "MART_SQL_FAILED":
        assert str(problem.values["reason"]).startswith(OF_VALUES), problem
    else:
        assert issue_type(problem.code).scope != "declaration", problem
        assert problem.code != "STEP_FAILED", problem


def _require_ticks(made: RandomWorkspace, datasets: set[str]) -> None:
    """Airflow finds the ticks of every schedule."""
    for each in made.datasets:
        if each.contract["dataset"] in datasets and "schedule" in each.contract:
            for tick in (next_tick, previous_tick):
                cron, start = each.contract["schedule"]["cron"], datetime(2026, 3, 1, tzinfo=UTC)
                assert tick(cron, ZoneInfo("Asia/Shanghai"), start)
