"""What follows from the fields that differ, as the contract's modes say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from quality.drift.columns import Compared, Needed
from quality.drift.finding import Finding, named, words
from quality.drift.renames import Rename
from schemas.drift import Drift, Mode


@dataclass(frozen=True, slots=True)
class Decision:
    """What is told, and what the pass has to do.

    ``absent``: bound fields to be read as empty; ``gone``: those whose loss refuses every row; ``unknown``: fields that
    nobody bound and where a value refuses its row.
    """

    findings: tuple[Finding, ...] = ()
    absent: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()


def decide(
    drift: Drift, needed: Mapping[str, Needed], compared: Compared, renames: Sequence[Rename], present: Sequence[str]
) -> Decision:
    """A rename decides instead of ``missing`` and ``added``, unless it is only to be reported."""
    told = [_renamed(rename, needed, drift) for rename in renames]
    settled = (
        {name for rename in renames for name in (rename.missing, rename.added)} if drift.renamed != "report" else set()
    )
    lost = {
        field: _mode(needed[field], drift)
        for field in compared.missing
        if field not in settled and not needed[field].optional
    }
    news = [field for field in compared.added if field not in settled]
    told += _missing(lost, needed, present)
    told += [Finding("added", drift.added, (), {"fields": named(news)})] if news else []
    gone = [rename.missing for rename in renames] if drift.renamed == "quarantine" else []
    return Decision(
        tuple(told),
        absent=tuple(field for field in compared.missing if not needed[field].optional),
        gone=(*gone, *(field for field, mode in lost.items() if mode == "quarantine")),
        unknown=tuple(news) if drift.added == "quarantine" else (),
    )


def _mode(needed: Needed, drift: Drift) -> Mode:
    """A column that must have a value is never reported away."""
    return "hold" if drift.missing == "report" and needed.required else drift.missing


def _missing(lost: Mapping[str, Mode], needed: Mapping[str, Needed], present: Sequence[str]) -> Iterator[Finding]:
    for mode in dict.fromkeys(lost.values()):
        fields = [field for field in lost if lost[field] == mode]
        columns = dict.fromkeys(column for field in fields for column in needed[field].columns)
        yield Finding("missing", mode, tuple(columns), {"fields": named(fields), "present": named(present)})


def _renamed(rename: Rename, needed: Mapping[str, Needed], drift: Drift) -> Finding:
    values = {
        "field": rename.missing,
        "added": rename.added,
        "score": f"{rename.score:.0%}",
        "name_share": f"{rename.name:.0%}",
        "value_share": words("drift.unknown_share") if rename.values is None else f"{rename.values:.0%}",
    }
    return Finding("renamed", drift.renamed, needed[rename.missing].columns, values)
