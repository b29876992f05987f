"""Publishes a mart whose new version breaks an expectation, by the decision of a person that the ledger records."""

from __future__ import annotations

from citylake.pipelines.acts.person import Person
from citylake.pipelines.acts.rights import require_right
from citylake.pipelines.context import RunContext
from citylake.pipelines.lake.ledger.acts_table import Act
from citylake.pipelines.lake.ledger.json_text import to_json_text
from citylake.pipelines.marts.mart_pipeline import build_and_publish_marts
from citylake.pipelines.records import Publication
from citylake.schemas.model.roles import EVERY_DEPARTMENT
from citylake.schemas.words.errors import CitylakeError


def accept_mart(context: RunContext, mart: str, person: Person, why: str) -> Publication:
    """Build and publish ``mart``; expectations that its new version breaks are recorded and do not hold it.

    The checks of its grain and its declared ``checks`` still do. The right is ``release`` for every department, because
    a mart has the data of several. Records an act if a version is published. Raises ACCEPT_WITHOUT_REASON and
    ACT_NOT_ALLOWED.
    """
    if not why.strip():
        raise CitylakeError("ACCEPT_WITHOUT_REASON", mart=mart)
    require_right(context.registry, person, "release", EVERY_DEPARTMENT)
    (done,) = [each for each in build_and_publish_marts(context, [mart], accept=True, again=True) if each.mart == mart]
    if done.status == "published":
        broken = [check.name for check in done.checks if not check.passed]
        context.ledger.add_act(
            Act(
                f"publish-{mart}-{done.version}",
                "publish_mart",
                f"mart.{mart}",
                "",
                person.user,
                why.strip(),
                person.via,
                rows=sum(done.tables.values()),
                details=to_json_text({"version": done.version, "broken": broken}),
            )
        )
    context.ledger.flush()
    return done
