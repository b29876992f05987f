"""Translates the lineage of a job to OpenLineage run events. Needs openlineage-python."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

from openlineage.client import facet_v2 as facets
from openlineage.client.event_v2 import Job, Run, RunEvent, RunState

from citylake.pipelines.lineage.lineage_model import JobLineage
from citylake.pipelines.lineage.openlineage_facets import join_languages, to_input_dataset, to_output_dataset
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.words.message_catalogue import render_issue

NAMESPACE_VARIABLE = "OPENLINEAGE_NAMESPACE"


@dataclass(frozen=True, slots=True)
class RunMoment:
    """The start or the end of a run. ``run``: UUID; ``at``: aware time."""

    run: str
    at: datetime
    ended: bool


def build_run_event(lineage: JobLineage, moment: RunMoment) -> RunEvent:
    """Return the run event: START, or at the end COMPLETE or FAIL."""
    state = RunState.START if not moment.ended else RunState.FAIL if lineage.stopped else RunState.COMPLETE
    return RunEvent(
        eventTime=moment.at.isoformat(),
        producer=producer_uri(),
        eventType=state,
        run=Run(moment.run, build_run_facets(lineage)),
        job=Job(
            os.environ.get(NAMESPACE_VARIABLE) or "citylake",
            lineage.job,
            facets=build_job_facets(lineage) | _own_facets(lineage),
        ),
        inputs=[to_input_dataset(table) for table in lineage.inputs],
        outputs=[to_output_dataset(table) for table in lineage.outputs],
    )


def build_job_facets(lineage: JobLineage) -> dict[str, facets.JobFacet]:
    """Return the job facets for a scheduler that sends all other facets itself (Airflow's provider): the SQL."""
    return {"sql": facets.sql_job.SQLJobFacet(lineage.sql, dialect="duckdb")} if lineage.sql else {}


def build_run_facets(lineage: JobLineage) -> dict[str, facets.RunFacet]:
    """Return the run facets: the engine, and the error message if the job was stopped."""
    found: dict[str, facets.RunFacet] = {
        "processing_engine": facets.processing_engine_run.ProcessingEngineRunFacet(_version(), name="citylake")
    }
    if lineage.stopped:
        words = "\n".join(
            join_languages(
                LocalizedText(zh=render_issue(one.code, one.values, "zh"), en=render_issue(one.code, one.values, "en"))
            )
            for one in lineage.problems
        )
        found["errorMessage"] = facets.error_message_run.ErrorMessageRunFacet(words or lineage.job, "PYTHON")
    return found


def producer_uri() -> str:
    """Return the URI of this producer, with its version."""
    return f"urn:citylake:{_version()}"


def _own_facets(lineage: JobLineage) -> dict[str, facets.JobFacet]:
    owners = dict.fromkeys(table.owner.department for table in lineage.outputs if table.owner)
    found: dict[str, facets.JobFacet] = {
        "documentation": facets.documentation_job.DocumentationJobFacet(join_languages(lineage.title)),
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
