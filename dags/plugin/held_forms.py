"""The page of held batches, and its two buttons: the decision is recorded, and the dataset's next run carries it out.

Nothing is read or committed here: a batch can take minutes, and the api-server answers everyone.
"""

from __future__ import annotations

import os
from typing import Annotated, Any, get_args
from urllib.parse import parse_qs

from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.responses import RedirectResponse

from citylake.dags.plugin.page_access import DagDecider, DagReader, require_same_origin
from citylake.dags.plugin.page_response import page_response
from citylake.pipelines.acts.held_batch import BatchDecision, record_decision
from citylake.pipelines.acts.person import Person
from citylake.pipelines.flow.held_batches import find_held_batch
from citylake.pipelines.site import Site

MAX_FORM_BYTES = 20_000


async def _read_form(request: Request) -> dict[str, str]:
    """The fields of a form; a body that is too long is refused before it is in memory."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MAX_FORM_BYTES:
            raise HTTPException(413, "the form is too long")
    return {name: values[-1] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}


FormFields = Annotated[dict[str, str], Depends(_read_form)]


def add_held_page(app: FastAPI, site: Site) -> None:
    """Add the page and its form to the application."""

    @app.get("/held")
    def held(request: Request, sees: DagReader, decider: DagDecider, recorded: str | None = None) -> Response:
        found = site.held(sees)
        batches = [{**each, "may_decide": decider.may_decide(each["dataset"])} for each in found["datasets"]]
        return page_response(request, "held", {**found, "datasets": batches, "recorded": recorded})

    @app.post("/held/{batch}", dependencies=[Depends(require_same_origin)])
    def decide(request: Request, batch: str, fields: FormFields, sees: DagReader, decider: DagDecider) -> Response:
        _record(site, batch, fields, sees, decider)
        base = request.scope.get("root_path", "")
        return RedirectResponse(f"{base}/held?recorded={batch}", 303, headers={"Cache-Control": "no-store"})


def _record(site: Site, batch: str, fields: dict[str, str], sees: Any, decider: Any) -> None:
    """Record the decision. 403 for whom Airflow does not let edit the DAG; 400 for a form that is not the page's."""
    decision = fields.get("decision", "")
    if decision not in get_args(BatchDecision):
        raise HTTPException(400, "decision")
    context = _context(site)
    held = find_held_batch(context.registry, context.ledger, batch)
    if held.batch != batch or not sees("dataset", held.dataset) or not decider.may_decide(held.dataset):
        raise HTTPException(403)
    known: dict[str, BatchDecision] = {"release": "release", "reject": "reject"}
    record_decision(context, batch, known[decision], Person(decider.name, "airflow"), fields.get("why", ""))


def _context(site: Site) -> Any:
    from citylake.pipelines.context import RunContext, new_run
    from citylake.pipelines.lake.lake_access import check_writable
    from citylake.pipelines.lake.lake_zones import Lake
    from citylake.pipelines.lake.ledger import Ledger

    lake = check_writable(Lake(os.environ.get("CITYLAKE_LAKE", "lake")))
    return RunContext(site.registry(), lake, Ledger(lake), new_run())
