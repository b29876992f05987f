"""Access to the pages: anyone who may view Airflow sees them, with the datasets and marts whose DAGs they may read."""

from __future__ import annotations

from typing import Annotated

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import AccessView
from airflow.api_fastapi.core_api.security import GetUserDep, requires_access_view
from fastapi import Depends

from citylake.pipelines.site.page_request import VisibilityCheck

require_login = Depends(requires_access_view(AccessView.WEBSITE))
"""Airflow does not protect applications that plugins mount; without this the lake would be open to anyone."""


def _sees(user: GetUserDep) -> VisibilityCheck:
    manager = get_auth_manager()

    def sees(kind: str, name: str) -> bool:
        dag = f"{kind}.{name}"
        return dag in manager.filter_authorized_dag_ids(dag_ids={dag}, user=user)

    return sees


DagReader = Annotated[VisibilityCheck, Depends(_sees)]
