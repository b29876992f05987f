"""Progress bars on standard error: one for datasets, one for marts, each with the current step."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from citylake.pipelines.cli.shared_options import make_console
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from citylake.pipelines.context import ProgressCallback
    from citylake.schemas.read.registry import Registry

DATASET_STEPS = ("pull", "parse", "conform", "audit", "commit", "settle")
MART_STEPS = ("build", "publish")


@contextmanager
def show_progress(
    registry: Registry, datasets: Collection[str], marts: Collection[str], *, quiet: bool
) -> Iterator[ProgressCallback]:
    """Yield the callback (name, step) for the start of each step. It draws the bars, or nothing if ``quiet``."""
    if quiet:
        yield lambda _what, _step: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.description:<44}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    total = len(DATASET_STEPS) * _count_datasets(registry, datasets, marts)
    with Progress(*columns, console=make_console(error=True)) as bars:
        ingest = bars.add_task(translate_key("run.datasets"), total=total or None)
        build = bars.add_task(translate_key("run.marts"), total=len(MART_STEPS) * len(marts or registry.marts) or None)

        def tell(what: str, step: str) -> None:
            task, name = (build, "run.marts") if step in MART_STEPS else (ingest, "run.datasets")
            bars.update(
                task, advance=1, description=f"{translate_key(name)} · {what} · {translate_key('run.step_' + step)}"
            )

        yield tell
        for task in (ingest, build):
            bars.update(task, completed=bars.tasks[task].total or 0, description=translate_key("run.finished"))


def _count_datasets(registry: Registry, datasets: Collection[str], marts: Collection[str]) -> int:
    return len(datasets) or (0 if marts else len(registry.contracts))
