"""Decides what to do about added, missing and renamed fields, by the contract's drift modes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from citylake.quality.drift.column_diff import BoundField, ColumnDiff
from citylake.quality.drift.drift_finding import DriftFinding, drift_words, join_names
from citylake.quality.drift.rename_proposal import RenameProposal
from citylake.schemas.model.drift_policy import DriftMode, DriftPolicy

RenameLines = Callable[[RenameProposal], str]
"""The lines of a contract that accept a rename; empty if no binding reads the field alone."""


@dataclass(frozen=True, slots=True)
class DriftDecision:
    """The findings to report, and what conform has to do.

    ``absent``: bound fields to read as null. ``gone``: missing fields for which every row is quarantined. ``unknown``:
    unbound fields; a row with a value in one of them is quarantined.
    """

    findings: tuple[DriftFinding, ...] = ()
    absent: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def decide_drift(
    drift: DriftPolicy,
    needed: Mapping[str, BoundField],
    compared: ColumnDiff,
    renames: Sequence[RenameProposal],
    present: Sequence[str],
    lines: RenameLines | None = None,
) -> DriftDecision:
    """Return the decision for a source.

    A proposed rename replaces the findings ``missing`` and ``added`` of its two fields, unless the mode for renames is
    ``report``. ``present``: all fields of the source; ``lines``: what to write into the contract if it is a rename.
    """
    findings = [_rename_finding(rename, needed, drift, lines) for rename in renames]
    settled = (
        {name for rename in renames for name in (rename.missing, rename.added)} if drift.renamed != "report" else set()
    )
    lost = {
        field: _mode(needed[field], drift)
        for field in compared.missing
        if field not in settled and not needed[field].optional
    }
    news = [field for field in compared.added if field not in settled]
    findings += _missing_finding(lost, needed, present)
    findings += [DriftFinding("added", drift.added, (), {"fields": join_names(news)})] if news else []
    gone = [rename.missing for rename in renames] if drift.renamed == "quarantine" else []
    return DriftDecision(
        tuple(findings),
        absent=tuple(field for field in compared.missing if not needed[field].optional),
        gone=(*gone, *(field for field, mode in lost.items() if mode == "quarantine")),
        unknown=tuple(news) if drift.added == "quarantine" else (),
    )


def _mode(needed: BoundField, drift: DriftPolicy) -> DriftMode:
    """Return the mode for a missing field. For a required field, ``report`` becomes ``hold``."""
    return "hold" if drift.missing == "report" and needed.required else drift.missing


def _missing_finding(
    lost: Mapping[str, DriftMode], needed: Mapping[str, BoundField], present: Sequence[str]
) -> Iterator[DriftFinding]:
    for mode in dict.fromkeys(lost.values()):
        fields = [field for field in lost if lost[field] == mode]
        columns = dict.fromkeys(column for field in fields for column in needed[field].columns)
        yield DriftFinding(
            "missing", mode, tuple(columns), {"fields": join_names(fields), "present": join_names(present)}
        )


def _rename_finding(
    rename: RenameProposal, needed: Mapping[str, BoundField], drift: DriftPolicy, lines: RenameLines | None
) -> DriftFinding:
    values = {
        "field": rename.missing,
        "added": rename.added,
        "score": f"{rename.score:.0%}",
        "name_share": f"{rename.name:.0%}",
        "suggestion": lines(rename) if lines else "",
        "value_share": drift_words("drift.unknown_share") if rename.values is None else f"{rename.values:.0%}",
    }
    return DriftFinding("renamed", drift.renamed, needed[rename.missing].columns, values)
