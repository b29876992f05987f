"""Access to the pages: anyone who may view Airflow sees them, with the datasets and marts whose DAGs they may read.

Whoever may edit the DAG of a dataset may also decide about its held batches, if the roles of the workspace allow it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView, DagDetails
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_view
from fastapi import Depends, HTTPException, Request

from citylake.pipelines.site.page_request import VisibilityCheck

ORIGIN_REFUSED = "origin"
"""The detail of a refused request of another site."""


@dataclass(frozen=True, slots=True)
class Decider:
    """The person who is logged in, and whether Airflow lets them decide about a dataset's held batches."""

    name: str
    may_decide: Callable[[str], bool]


require_login = Depends(requires_access_view(AccessView.WEBSITE))
"""Airflow does not protect applications that plugins mount; without this the lake would be open to anyone."""


def _sees(user: GetUserDep) -> VisibilityCheck:
    manager = get_auth_manager()

    def sees(kind: str, name: str) -> bool:
        dag = f"{kind}.{name}"
        return dag in manager.filter_authorized_dag_ids(dag_ids={dag}, user=user)

    return sees


DagReader = Annotated[VisibilityCheck, Depends(_sees)]


def _decides(user: GetUserDep) -> Decider:
    manager = get_auth_manager()

    def may_decide(dataset: str) -> bool:
        details = DagDetails(id=f"dataset.{dataset}")
        return bool(manager.is_authorized_dag(method="PUT", details=details, user=user))

    return Decider(user.get_name(), may_decide)


DagDecider = Annotated[Decider, Depends(_decides)]


def require_same_origin(request: Request) -> None:
    """Refuse a form of another site: the browser sends the login's cookie with it, and the person knows nothing of it.

    Browsers say where a request comes from, and no script can change it. A request that does not say it is refused.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        same = site == "same-origin"
    else:
        host = request.headers.get("x-forwarded-host") or request.headers.get("host")
        origin = urlsplit(request.headers.get("origin", ""))
        same = bool(host) and origin.scheme in ("http", "https") and origin.netloc == host
    if not same:
        raise HTTPException(403, ORIGIN_REFUSED)
