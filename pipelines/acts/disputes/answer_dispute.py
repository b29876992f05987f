"""The answer of a department to a question about a value of a mart."""

from __future__ import annotations

from typing import Literal

import polars as pl

from citylake.pipelines.acts.act_work import ActWork
from citylake.pipelines.acts.disputes.recorded_disputes import last_disputes, store_disputes
from citylake.pipelines.acts.rights import require_right
from citylake.pipelines.lake.ledger import disputes_table
from citylake.pipelines.lake.ledger.disputes_table import Dispute
from citylake.schemas.words.errors import CitylakeError

Answer = Literal["right", "wrong", "withdrawn"]
_FIELDS = tuple(name for name in disputes_table.SCHEMA if name not in ("recorded_at", "sequence"))


def answer_dispute(
    work: ActWork, dispute_id: str, answer: Answer, why: str, department: str | None = None
) -> list[Dispute]:
    """Record the answer to the open questions of a dispute.

    Args:
        work: Who answers, and where.
        dispute_id: The dispute.
        answer: ``right``: the rows are as they should be; ``wrong``: they are corrected, or will be; ``withdrawn``: the
            reader takes the question back.
        why: The answer in words.
        department: The department that answers; None: the only one that was asked, or all of a withdrawn dispute.

    Returns:
        The answers that were recorded.

    Raises:
        CitylakeError: DISPUTE_UNKNOWN; DISPUTE_CLOSED; DISPUTE_DEPARTMENT_NEEDED; DISPUTE_WHY_MISSING; ACT_NOT_ALLOWED
            for whom may not correct the department's data.
    """
    if not why.strip():
        raise CitylakeError("DISPUTE_WHY_MISSING")
    asked = _chosen_questions(work, dispute_id, answer, department)
    if answer != "withdrawn":
        for name in asked["department"].unique():
            require_right(work.registry, work.person, "correct", name)
    said = pl.lit(answer).alias("state"), pl.lit(work.person.user).alias("user"), pl.lit(work.person.via).alias("via")
    rows = asked.with_columns(*said, pl.lit(why).alias("why")).select(_FIELDS)
    answers = [Dispute(**row) for row in rows.iter_rows(named=True)]
    store_disputes(work.ledger, answers)
    return answers


def _chosen_questions(work: ActWork, dispute_id: str, answer: Answer, department: str | None) -> pl.DataFrame:
    every = last_disputes(work.ledger).filter(dispute_id=dispute_id)
    if every.is_empty():
        raise CitylakeError("DISPUTE_UNKNOWN", dispute=dispute_id)
    departments = sorted(every["department"].unique())
    if department is None and answer != "withdrawn" and len(departments) > 1:
        raise CitylakeError("DISPUTE_DEPARTMENT_NEEDED", dispute=dispute_id, departments=", ".join(departments))
    asked = every.filter(state="open")
    asked = asked if department is None else asked.filter(department=department)
    if asked.is_empty():
        raise CitylakeError("DISPUTE_CLOSED", dispute=dispute_id, departments=", ".join(departments))
    return asked
