"""What was told, as OpenLineage's events of a run. Needs openlineage-python."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from openlineage.client import facet_v2 as facets
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState

from pipelines.lineage.facets import input_dataset, output_dataset, shown
from pipelines.lineage.model import Told
from schemas.catalogue import tell
from schemas.declaration import Text

NAMESPACE = "OPENLINEAGE_NAMESPACE"


@dataclass(frozen=True, slots=True)
class Moment:
    """When something happened in which run (an UUID): it began, or it ended."""

    run: str
    at: datetime
    ended: bool


def event(told: Told, moment: Moment) -> RunEvent:
    """The event of a job's beginning, or of its good or bad end."""
    state = RunState.START if not moment.ended else RunState.FAIL if told.stopped else RunState.COMPLETE
    return RunEvent(
        eventTime=moment.at.isoformat(),
        producer=producer(),
        eventType=state,
        run=Run(moment.run, run_facets(told)),
        job=Job(os.environ.get(NAMESPACE) or "citylake", told.job, facets=job_facets(told) | _own_facets(told)),
        inputs=[input_dataset(table) for table in told.inputs],
        outputs=[output_dataset(table) for table in told.outputs],
    )


def job_facets(told: Told) -> dict[str, facets.JobFacet]:
    """What describes the job to a scheduler that tells the rest itself."""
    return {"sql": facets.sql_job.SQLJobFacet(told.sql, dialect="duckdb")} if told.sql else {}


def run_facets(told: Told) -> dict[str, facets.RunFacet]:
    """What made it, and what stopped it."""
    found: dict[str, facets.RunFacet] = {
        "processing_engine": facets.processing_engine_run.ProcessingEngineRunFacet(_version(), name="citylake")
    }
    if told.stopped:
        words = "\n".join(
            shown(Text(zh=tell(one.code, one.values, "zh"), en=tell(one.code, one.values, "en")))
            for one in told.problems
        )
        found["errorMessage"] = facets.error_message_run.ErrorMessageRunFacet(words or told.job, "PYTHON")
    return found


def producer() -> str:
    """Who tells it."""
    return f"urn:citylake:{_version()}"


def _own_facets(told: Told) -> dict[str, facets.JobFacet]:
    owners = dict.fromkeys(table.owner.department for table in told.outputs if table.owner)
    found: dict[str, facets.JobFacet] = {
        "documentation": facets.documentation_job.DocumentationJobFacet(shown(told.title)),
        "jobType": facets.job_type_job.JobTypeJobFacet("BATCH", "CITYLAKE", "TASK"),
    }
    if owners:
        listed = [facets.ownership_job.Owner(name, "DEPARTMENT") for name in owners]
        found["ownership"] = facets.ownership_job.OwnershipJobFacet(listed)
    return found


def _version() -> str:
    try:
        return version("citylake")
    except PackageNotFoundError:
        return "0"
