"""What people decide about quarantined rows, from a program, with the same result as ``citylake quarantine``."""

from __future__ import annotations

import os
from collections.abc import Collection
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from citylake._lake import Lake
from citylake._workspace import Workspace

if TYPE_CHECKING:
    from citylake.pipelines.acts.act_work import ActWork
    from citylake.pipelines.acts.chosen_rows import ChosenRows
    from citylake.pipelines.acts.correct_rows import CorrectedRows
    from citylake.pipelines.acts.correct_value import CorrectedValue
    from citylake.pipelines.acts.decide_rows import DecidedRows
    from citylake.pipelines.acts.export_rows import DepartmentExport


def export_rows(
    workspace: Workspace,
    lake: Lake,
    folder: str | os.PathLike[str],
    *,
    rows: Collection[str] = (),
    datasets: str | Collection[str] = (),
    department: str | None = None,
    form: Literal["xlsx", "csv", "yaml"] = "xlsx",
    user: str | None = None,
) -> list[DepartmentExport]:
    """Write a file for each department with refused rows, in which its stewards enter the right values.

    Args:
        workspace: The declarations and the roles.
        lake: The lake, which records the rows as exported.
        folder: Where the files are written; none is replaced.
        rows: Ids of rows. Default: all rows that wait, of ``datasets`` and ``department`` if they are given.
        datasets: Only these.
        department: Only the datasets of this department.
        form: The format of the files; ``xlsx`` needs the extra ``report``.
        user: Who exports. Default: ``CITYLAKE_USER``, else the system's user.

    Returns:
        ``department``, ``files``, ``rows``, ``lines`` and ``acts`` of each; an empty list if no row waits.

    Raises:
        CitylakeError: ACT_NOT_ALLOWED, ROW_ID_UNKNOWN, DATASET_UNKNOWN, REPORT_LIBRARY_MISSING, OUTPUT_UNWRITABLE.
    """
    from citylake.pipelines.acts.chosen_rows import ChosenRows
    from citylake.pipelines.acts.export_rows import export_rows as export
    from citylake.pipelines.read.quarantine_query import QuarantineFilter

    names = (datasets,) if isinstance(datasets, str) else tuple(datasets)
    chosen = ChosenRows(tuple(rows), QuarantineFilter(datasets=names, department=department))
    return export(_work(workspace, lake, user), chosen, Path(folder), form)


def correct(
    workspace: Workspace,
    lake: Lake,
    file: str | os.PathLike[str],
    *,
    why: str = "",
    dry_run: bool = False,
    user: str | None = None,
) -> list[CorrectedRows]:
    """Record the corrections that stewards have filled in; each line is recorded or refused alone.

    Args:
        workspace: The declarations and the roles.
        lake: The lake, whose ledger gets the corrections. They take effect when the rows are replayed.
        file: A workbook, CSV or YAML file of :func:`export_rows`, or one with its columns.
        why: The reason for the corrections whose line has none.
        dry_run: Judge the corrections, and record nothing.
        user: Who corrects, as for :func:`export_rows`.

    Returns:
        For each dataset: ``corrections`` (new ones), ``already`` (the number in force before), and ``refused``, a frame
        with the ``sheet``, ``line`` and ``code`` of every line that was refused.

    Raises:
        CitylakeError: CORRECTIONS_UNREADABLE, ACT_NOT_ALLOWED.
    """
    from citylake.pipelines.acts.correct_rows import correct_rows

    return correct_rows(_work(workspace, lake, user), Path(file), why, dry_run=dry_run)


def correct_value(
    workspace: Workspace,
    lake: Lake,
    dataset: str,
    field: str,
    value: str,
    means: str,
    *,
    pattern: bool = False,
    since: date | None = None,
    why: str = "",
    dry_run: bool = False,
    user: str | None = None,
) -> CorrectedValue:
    """Record what a text of a source's field means in every row, or propose the change of the contract that says so.

    Args:
        workspace: The declarations and the roles.
        lake: The lake.
        dataset: The dataset's id.
        field: The source's field.
        value: The text; with ``pattern`` a regular expression for the whole text.
        means: The right text; a code or a name, for a field with a code list; ``<empty>`` for no value.
        pattern: Whether ``value`` is an expression.
        since: The day from which a code is valid.
        why: The reason, for the ledger.
        dry_run: Record nothing.
        user: Who corrects, as for :func:`export_rows`.

    Returns:
        ``outcome``: ``recorded``, ``already``, or ``proposed``, with the ``changes`` (file, line and text).

    Raises:
        CitylakeError: ACT_NOT_ALLOWED, DATASET_UNKNOWN, VALUE_FIELD_UNKNOWN, MEANING_UNKNOWN, MEANING_REFUSED,
            MEANING_DATED, PATTERN_UNUSABLE.
    """
    from citylake.pipelines.acts import correct_value as module

    match: Literal["literal", "pattern"] = "pattern" if pattern else "literal"
    meaning = module.ValueMeaning(dataset, field, value, means, match, since)
    return module.correct_value(_work(workspace, lake, user), meaning, why, dry_run=dry_run)


def withdraw_correction(
    workspace: Workspace,
    lake: Lake,
    dataset: str,
    field: str,
    value: str,
    *,
    pattern: bool = False,
    why: str,
    user: str | None = None,
) -> str:
    """Withdraw the correction of a value; :func:`reopen_rows` withdraws those of single rows.

    Returns:
        The id of the act.

    Raises:
        CitylakeError: WHY_MISSING, ACT_NOT_ALLOWED, DATASET_UNKNOWN, CORRECTION_NOT_IN_FORCE.
    """
    from citylake.pipelines.acts import correct_value as module

    meaning = module.ValueMeaning(dataset, field, value, None, "pattern" if pattern else "literal")
    return module.withdraw_correction(_work(workspace, lake, user), meaning, why)


def release_rows(
    workspace: Workspace, lake: Lake, rows: Collection[str], *, why: str, dry_run: bool = False, user: str | None = None
) -> list[DecidedRows]:
    """Let single rows pass the rules that they break, as they are; they become standard when they are replayed.

    Args:
        workspace: The declarations and the roles.
        lake: The lake.
        rows: Ids of rows, as ``row_id`` of :meth:`Lake.quarantine_states` has them.
        why: The reason, for the ledger.
        dry_run: Record nothing.
        user: Who decides, as for :func:`export_rows`.

    Returns:
        For each dataset: ``rows`` (decided now), ``already`` (decided so before), and ``refused``, a frame with the
        ``row_id``, ``state`` and ``code`` of the rows that cannot be decided so.

    Raises:
        CitylakeError: WHY_MISSING, ROWS_NOT_CHOSEN, ROW_ID_UNKNOWN, ACT_NOT_ALLOWED.
    """
    from citylake.pipelines.acts.decide_rows import release_rows as release

    return release(_work(workspace, lake, user), _chosen(rows), why, dry_run=dry_run)


def discard_rows(
    workspace: Workspace, lake: Lake, rows: Collection[str], *, why: str, dry_run: bool = False, user: str | None = None
) -> list[DecidedRows]:
    """Give up single rows: they stay in the quarantine and wait for nobody. As :func:`release_rows`."""
    from citylake.pipelines.acts.decide_rows import discard_rows as discard

    return discard(_work(workspace, lake, user), _chosen(rows), why, dry_run=dry_run)


def reopen_rows(
    workspace: Workspace, lake: Lake, rows: Collection[str], *, why: str, dry_run: bool = False, user: str | None = None
) -> list[DecidedRows]:
    """Undo what was decided about rows, their corrections included (``withdrawn``). As :func:`release_rows`."""
    from citylake.pipelines.acts.decide_rows import reopen_rows as reopen

    return reopen(_work(workspace, lake, user), _chosen(rows), why, dry_run=dry_run)


def _chosen(rows: Collection[str]) -> ChosenRows:
    from citylake.pipelines.acts.chosen_rows import ChosenRows

    return ChosenRows(tuple(rows))


def _work(workspace: Workspace, lake: Lake, user: str | None) -> ActWork:
    from citylake.pipelines.acts.act_work import open_act_work
    from citylake.pipelines.acts.person import current_person
    from citylake.schemas.lint.valid_registry import check_sound

    return open_act_work(check_sound(workspace._registry), lake._zones, current_person(user, "api"))
