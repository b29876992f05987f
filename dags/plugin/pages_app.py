"""The pages as a FastAPI application, for logged-in users, each also as JSON. Only held batches can be acted on."""

from __future__ import annotations

import os
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from citylake.dags.plugin.held_forms import add_held_page
from citylake.dags.plugin.page_access import DagReader, require_login
from citylake.dags.plugin.page_response import fault_response, http_error_response, page_response
from citylake.dags.plugin.report_files import add_report_files
from citylake.dags.task_errors import lake_run_name
from citylake.pipelines.site import Site
from citylake.schemas.words.errors import CitylakeError


def create_pages_app() -> FastAPI:
    """The application over the lake in ``CITYLAKE_LAKE`` and the workspace in ``CITYLAKE_WORKSPACE``."""
    site = Site(os.environ.get("CITYLAKE_LAKE", "lake"))
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None, dependencies=[require_login])
    app.state.site = site
    app.add_exception_handler(HTTPException, http_error_response)
    app.add_exception_handler(CitylakeError, fault_response)
    _pages(app, site)
    add_held_page(app, site)
    _as_json(app, site)
    add_report_files(app, site)
    return app


def _pages(app: FastAPI, site: Site) -> None:
    # Not asynchronous: these read the lake, and Airflow's own responses must not wait for that.
    @app.get("/")
    def overview(request: Request, sees: DagReader) -> Response:
        return page_response(request, "overview", site.overview(sees))

    @app.get("/datasets/{dataset}")
    def dataset(request: Request, dataset: str, sees: DagReader) -> Response:
        return page_response(request, "dataset", site.dataset(dataset, sees))

    @app.get("/marts")
    def marts(request: Request, sees: DagReader) -> Response:
        return page_response(request, "marts", site.marts(sees))

    @app.get("/runs/{run}")
    def run(
        request: Request, run: str, sees: DagReader, dataset: str | None = None, mart: str | None = None
    ) -> Response:
        return page_response(request, "run", site.run(run, _one(dataset, mart), sees))

    @app.get("/dag")
    def dag(request: Request, sees: DagReader, dag_id: str, run_id: str | None = None) -> Response:
        return _of_dag(request, site, sees, dag_id, run_id)


def _of_dag(request: Request, site: Site, sees: DagReader, dag_id: str, run_id: str | None) -> Response:
    """The page of a DAG's tab, or of the tab of one of its runs."""
    kind, _, name = dag_id.partition(".")
    if kind not in ("dataset", "mart"):
        return page_response(request, "run", {"run": {"id": run_id or dag_id}, "other": True})
    if run_id is not None:
        return page_response(request, "run", site.run(lake_run_name(run_id), (kind, name), sees))
    if kind == "dataset":
        return page_response(request, "dataset", site.dataset(name, sees))
    return page_response(request, "marts", site.marts(lambda one, each: each == name and sees(one, each)))


def _as_json(app: FastAPI, site: Site) -> None:
    @app.get("/api/overview")
    def overview(sees: DagReader) -> Response:
        return _json(site.overview(sees))

    @app.get("/api/datasets/{dataset}")
    def dataset(dataset: str, sees: DagReader) -> Response:
        return _json(site.dataset(dataset, sees))

    @app.get("/api/marts")
    def marts(sees: DagReader) -> Response:
        return _json(site.marts(sees))

    @app.get("/api/runs/{run}")
    def run(run: str, sees: DagReader, dataset: str | None = None, mart: str | None = None) -> Response:
        return _json(site.run(run, _one(dataset, mart), sees))


def _json(document: dict[str, Any]) -> Response:
    return JSONResponse(document, headers={"Cache-Control": "private, no-store"})


def _one(dataset: str | None, mart: str | None) -> tuple[str, str] | None:
    if dataset:
        return ("dataset", dataset)
    return ("mart", mart) if mart else None
