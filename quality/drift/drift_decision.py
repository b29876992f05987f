"""What follows from the fields that differ, as the contract's modes say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from citylake.quality.drift.column_diff import BoundField, ColumnDiff
from citylake.quality.drift.drift_finding import DriftFinding, drift_words, join_names
from citylake.quality.drift.rename_proposal import RenameProposal
from citylake.schemas.model.drift_policy import DriftMode, DriftPolicy


@dataclass(frozen=True, slots=True)
class DriftDecision:
    """What is told, and what the pass has to do.

    ``absent``: bound fields to be read as empty; ``gone``: those whose loss refuses every row; ``unknown``: fields that
    nobody bound and where a value refuses its row.
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
) -> DriftDecision:
    """A rename decides instead of ``missing`` and ``added``, unless it is only to be reported."""
    told = [_rename_finding(rename, needed, drift) for rename in renames]
    settled = (
        {name for rename in renames for name in (rename.missing, rename.added)} if drift.renamed != "report" else set()
    )
    lost = {
        field: _mode(needed[field], drift)
        for field in compared.missing
        if field not in settled and not needed[field].optional
    }
    news = [field for field in compared.added if field not in settled]
    told += _missing_finding(lost, needed, present)
    told += [DriftFinding("added", drift.added, (), {"fields": join_names(news)})] if news else []
    gone = [rename.missing for rename in renames] if drift.renamed == "quarantine" else []
    return DriftDecision(
        tuple(told),
        absent=tuple(field for field in compared.missing if not needed[field].optional),
        gone=(*gone, *(field for field, mode in lost.items() if mode == "quarantine")),
        unknown=tuple(news) if drift.added == "quarantine" else (),
    )


def _mode(needed: BoundField, drift: DriftPolicy) -> DriftMode:
    """A column that must have a value is never reported away."""
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


def _rename_finding(rename: RenameProposal, needed: Mapping[str, BoundField], drift: DriftPolicy) -> DriftFinding:
    values = {
        "field": rename.missing,
        "added": rename.added,
        "score": f"{rename.score:.0%}",
        "name_share": f"{rename.name:.0%}",
        "value_share": drift_words("drift.unknown_share") if rename.values is None else f"{rename.values:.0%}",
    }
    return DriftFinding("renamed", drift.renamed, needed[rename.missing].columns, values)
