"""The daily verification: everything that a listing shows, and the content of a share of the files each day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from citylake.pipelines.context import RunContext
from citylake.pipelines.notify.damage_alert import notify_damage
from citylake.pipelines.upkeep.upkeep_result import UpkeepResult
from citylake.pipelines.upkeep.verify.finding import Finding, VerifyTally
from citylake.pipelines.upkeep.verify.record_lake import record_lake_files
from citylake.pipelines.upkeep.verify.verify_lake import LakeVerification
from citylake.pipelines.upkeep.verify.verify_options import VerifyOptions
from citylake.quality.check_result import CheckResult


def verify_daily(context: RunContext, days: int, today: date, *, dry_run: bool = False) -> list[UpkeepResult]:
    """Verify the lake; every file is read once in ``days`` days. Return one result, and one per finding.

    Findings are recorded in ``ledger/checks`` and sent to the channels for held batches. Files without a digest are
    recorded as they are, after the verification.
    """
    options = VerifyOptions(deep=True, shares=days, share=today.toordinal())
    work = LakeVerification(context.ledger, options)
    found = list(work.findings())
    if not dry_run:
        _record_findings(context, found)
        record_lake_files(context.ledger, context.run.id)
        notify_damage([finding.problem for finding in found])
    done = [_tally_result(work.tally)] if work.tally.files else []
    wrong = (UpkeepResult("verify", finding.path or finding.place, problem=finding.problem) for finding in found)
    return [*done, *wrong]


def _record_findings(context: RunContext, found: Sequence[Finding]) -> None:
    for finding in found:
        values = finding.problem.values
        observed, expected = str(values.get("found", "")), str(values.get("recorded", ""))
        check = CheckResult(finding.problem.code, False, "error", observed, expected, finding.problem)  # noqa: FBT003
        context.ledger.add_checks(context.run.id, finding.subject, "", [check])
    context.ledger.flush()


def _tally_result(tally: VerifyTally) -> UpkeepResult:
    left = tally.size_bytes - tally.read_bytes
    return UpkeepResult("verify", "lake", tally.files, tally.files, tally.size_bytes, left)
