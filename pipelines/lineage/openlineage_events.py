"""What was told, as OpenLineage's events of a run. Needs openlineage-python."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from openlineage.client import facet_v2 as facets
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState

from citylake.pipelines.lineage.lineage_model import JobLineage
from citylake.pipelines.lineage.openlineage_facets import join_languages, to_input_dataset, to_output_dataset
from citylake.schemas.model.declaration import LocalizedText
from citylake.schemas.words.message_catalogue import render_issue

NAMESPACE_VARIABLE = "OPENLINEAGE_NAMESPACE"


@dataclass(frozen=True, slots=True)
class RunMoment:
    """When something happened in which run (an UUID): it began, or it ended."""

    run: str
    at: datetime
    ended: bool


def build_run_event(told: JobLineage, moment: RunMoment) -> RunEvent:
    """The event of a job's beginning, or of its good or bad end."""
    state = RunState.START if not moment.ended else RunState.FAIL if told.stopped else RunState.COMPLETE
    return RunEvent(
        eventTime=moment.at.isoformat(),
        producer=producer_uri(),
        eventType=state,
        run=Run(moment.run, build_run_facets(told)),
        job=Job(
            os.environ.get(NAMESPACE_VARIABLE) or "citylake",
            told.job,
            facets=build_job_facets(told) | _own_facets(told),
        ),
        inputs=[to_input_dataset(table) for table in told.inputs],
        outputs=[to_output_dataset(table) for table in told.outputs],
    )


def build_job_facets(told: JobLineage) -> dict[str, facets.JobFacet]:
    """What describes the job to a scheduler that tells the rest itself."""
    return {"sql": facets.sql_job.SQLJobFacet(told.sql, dialect="duckdb")} if told.sql else {}


def build_run_facets(told: JobLineage) -> dict[str, facets.RunFacet]:
    """What made it, and what stopped it."""
    found: dict[str, facets.RunFacet] = {
        "processing_engine": facets.processing_engine_run.ProcessingEngineRunFacet(_version(), name="citylake")
    }
    if told.stopped:
        words = "\n".join(
            join_languages(
                LocalizedText(zh=render_issue(one.code, one.values, "zh"), en=render_issue(one.code, one.values, "en"))
            )
            for one in told.problems
        )
        found["errorMessage"] = facets.error_message_run.ErrorMessageRunFacet(words or told.job, "PYTHON")
    return found


def producer_uri() -> str:
    """Who tells it."""
    return f"urn:citylake:{_version()}"


def _own_facets(told: JobLineage) -> dict[str, facets.JobFacet]:
    owners = dict.fromkeys(table.owner.department for table in told.outputs if table.owner)
    found: dict[str, facets.JobFacet] = {
        "documentation": facets.documentation_job.DocumentationJobFacet(join_languages(told.title)),
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
