"""Held batches from a program: which wait, and the decision about one, with the same result as ``citylake held``."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING

from citylake._lake import Lake
from citylake._run import _names, _run_context
from citylake._workspace import Workspace

if TYPE_CHECKING:
    from citylake.pipelines.acts.held_batch import BatchDecision
    from citylake.pipelines.flow.run_pipeline import RunOutcome as Outcome
    from citylake.pipelines.lake.ledger.held_records import HeldBatch


def held_batches(
    workspace: Workspace, lake: Lake, *, datasets: str | Collection[str] = (), rejected: bool = False
) -> list[HeldBatch]:
    """The batches that a gate stopped and that wait for a decision, by dataset, the oldest first.

    Args:
        workspace: The declarations.
        lake: The lake.
        datasets: Only batches of these. Default: of all.
        rejected: Rejected batches as well, because they can still be released.

    Returns:
        ``dataset``, ``batch`` (the id), ``status`` (``held`` or ``rejected``), ``since`` (UTC), ``receipts``,
        ``counts`` (``rows_in`` and its parts) and ``problems``, the reasons, of each; an empty list if none waits.

    Raises:
        CitylakeError: DATASET_UNKNOWN.
    """
    from citylake.pipelines.flow import held_batches as module
    from citylake.pipelines.flow.run_order import order_datasets
    from citylake.pipelines.lake.ledger import Ledger

    registry, names = workspace._registry, _names(datasets)
    if names:
        order_datasets(registry, names)
    return module.held_batches(registry, Ledger(lake._readable()), names, rejected=rejected)


def release_batch(
    workspace: Workspace,
    lake: Lake,
    batch: str,
    *,
    why: str,
    variables: Mapping[str, str] | None = None,
    user: str | None = None,
) -> Outcome:
    """Read a held or rejected batch again with its gates waived, commit it, and publish the marts that read it.

    Args:
        workspace: The declarations and the roles.
        lake: The lake, whose ledger gets the act.
        batch: The id of the batch, or the beginning of one.
        why: The reason, for the ledger.
        variables: Values of ``${NAME}`` in sources, as for :func:`run`.
        user: Who decides. Default: ``CITYLAKE_USER``, else the system's user.

    Returns:
        As :func:`run`: ``exit_code`` is 2 if the batch cannot be released; it stays held, and its ``problems`` have the
        reason. A second call completes what was interrupted.

    Raises:
        CitylakeError: HELD_UNKNOWN, HELD_AMBIGUOUS, HELD_DECIDED, WHY_MISSING, ACT_NOT_ALLOWED.
    """
    return _decide(workspace, lake, batch, "release", why, variables, user)


def reject_batch(
    workspace: Workspace,
    lake: Lake,
    batch: str,
    *,
    why: str,
    variables: Mapping[str, str] | None = None,
    user: str | None = None,
) -> Outcome:
    """Decide that nothing of a held batch comes in: its rows stay in the quarantine, the same bytes stay out.

    As :func:`release_batch`.
    """
    return _decide(workspace, lake, batch, "reject", why, variables, user)


def _decide(
    workspace: Workspace,
    lake: Lake,
    batch: str,
    decision: BatchDecision,
    why: str,
    variables: Mapping[str, str] | None,
    user: str | None,
) -> Outcome:
    from citylake.pipelines.acts.held_batch import decide_held_batch
    from citylake.pipelines.acts.person import current_person

    context = _run_context(workspace, lake, None, variables)
    return decide_held_batch(context, batch, decision, current_person(user, "api"), why)
