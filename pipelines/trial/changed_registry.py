"""The changed declarations of a trial: another folder, a revision of git, or one file in place of today's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.trial.git_revision import export_revision
from citylake.pipelines.trial.replaced_file import changed_index, replace_file
from citylake.schemas.lint.valid_registry import check_sound, load_lintable_registry
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.errors import CitylakeError


@dataclass(frozen=True, slots=True)
class ChangedDeclarations:
    """``registry``: what can run of the changed declarations; ``indices``: ids of changed editions of an index."""

    registry: Registry
    indices: tuple[str, ...] = ()


@contextmanager
def open_changed(change: str, root: Path) -> Iterator[ChangedDeclarations]:
    """The declarations of ``change`` for the workspace at ``root``; files of a revision exist until the end.

    Raises TRIAL_CHANGE_UNKNOWN, TRIAL_FILE_NEW, and DECLARATIONS_INVALID if nothing of them can run.
    """
    path = Path(change)
    if path.is_dir():
        yield ChangedDeclarations(check_sound(load_lintable_registry(path)))
    elif path.is_file():
        yield _with_file(path.resolve(), root)
    else:
        with scratch_folder() as scratch:
            try:
                workspace = export_revision(change, root, Path(scratch))
            except LookupError as error:
                raise CitylakeError("TRIAL_CHANGE_UNKNOWN", change=change, reason=str(error)) from error
            yield ChangedDeclarations(check_sound(load_lintable_registry(workspace)))


def _with_file(path: Path, root: Path) -> ChangedDeclarations:
    registry = load_lintable_registry(root)
    if index := changed_index(path):
        return ChangedDeclarations(check_sound(registry), (index,))
    replace_file(registry, path)
    return ChangedDeclarations(check_sound(registry))
