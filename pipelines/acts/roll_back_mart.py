"""Makes an earlier version of a mart current again, by the decision of a person that the ledger records."""

from __future__ import annotations

from citylake.pipelines.acts.person import Person
from citylake.pipelines.acts.rights import require_right
from citylake.pipelines.context import RunContext
from citylake.pipelines.marts.publish.mart_pointer import Pointer
from citylake.pipelines.marts.versions.move_back import Decision, move_back
from citylake.pipelines.marts.versions.record_rollback import record_rollback
from citylake.schemas.model.roles import EVERY_DEPARTMENT
from citylake.schemas.words.errors import CitylakeError


def roll_back_mart(context: RunContext, mart: str, person: Person, why: str, to: str | None = None) -> Pointer:
    """Make the version ``to`` of ``mart`` current; None: the one that was published before the current one.

    The file is compared with its recorded digest first. What was rolled back is not published again until the inputs
    or the declarations change, or a person publishes it. The right is ``release`` for every department. Raises
    MART_UNKNOWN, MART_ACT_WITHOUT_REASON, ACT_NOT_ALLOWED, and what ``move_back`` raises.
    """
    if mart not in context.registry.marts:
        raise CitylakeError("MART_UNKNOWN", mart=mart, known=", ".join(sorted(context.registry.marts)) or "—")
    if not why.strip():
        raise CitylakeError("MART_ACT_WITHOUT_REASON", mart=mart)
    require_right(context.registry, person, "release", EVERY_DEPARTMENT)
    # A rollback before this one that a crash left unrecorded: the new pointer will tell nothing of it.
    record_rollback(context.ledger, context.run.id, mart)
    decision = Decision(person.user, person.via, why.strip())
    moved = move_back(context, context.registry.marts[mart], to, decision)
    record_rollback(context.ledger, context.run.id, mart)
    context.ledger.flush()
    return moved
