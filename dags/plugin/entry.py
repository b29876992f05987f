"""The entry point ``airflow.plugins``: links to the pages, and the application that serves them.

Every component of Airflow imports this file; only the api-server imports the pages, at the first request.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Awaitable, Callable, MutableMapping
from functools import cache
from typing import Any

from airflow.sdk.plugins_manager import AirflowPlugin

from citylake.dags.plugin import pending_partitions, run_names
from citylake.dags.plugin.gathered_days import GatheredDays
from citylake.dags.plugin.local_timetable import LocalPartitionTimetable

URL_PREFIX = "/citylake"
PLUGIN_TITLE = "City lake"
AsgiMessage = MutableMapping[str, Any]


class LazyPagesApp:
    """The application, created at the first request."""

    async def __call__(
        self,
        scope: AsgiMessage,
        receive: Callable[[], Awaitable[AsgiMessage]],
        send: Callable[[AsgiMessage], Awaitable[None]],
    ) -> None:
        """One ASGI request."""
        await pages_app()(scope, receive, send)


@cache
def pages_app() -> Any:
    """The application over the lake and workspace of the environment."""
    from citylake.dags.plugin.pages_app import create_pages_app

    return create_pages_app()


def _icon(colour: str) -> str:
    """The icon (a lake below a roof line) as a data URL."""
    lines = '<path d="M3 10 12 4l9 6M3 15c3-2.4 6-2.4 9 0s6 2.4 9 0M3 20c3-2.4 6-2.4 9 0s6 2.4 9 0"/>'
    style = f'fill="none" stroke="{colour}" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" {style}>{lines}</svg>'
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def _view(destination: str, url_route: str, href: str) -> dict[str, Any]:
    # Relative, because Airflow may be served below a path.
    # This blue is visible on Airflow's light background and on the dark one of a selected entry.
    icons = {"icon": _icon("#2f93b8"), "icon_dark_mode": _icon("#7cc7e0")}
    return {"name": PLUGIN_TITLE, "destination": destination, "url_route": url_route, "href": href, **icons}


class CityLakePlugin(AirflowPlugin):
    """An entry in the navigation, a tab on every DAG and run, which shows its batch, and the timetable of datasets."""

    name = "citylake"
    timetables = [LocalPartitionTimetable]
    partition_mappers = [GatheredDays]
    listeners = [pending_partitions, run_names]
    fastapi_apps = [{"name": PLUGIN_TITLE, "app": LazyPagesApp(), "url_prefix": URL_PREFIX}]
    external_views = [
        {**_view("nav", "citylake", "citylake/"), "nav_top_level": True},
        _view("dag", "citylake-dag", "citylake/dag?dag_id={DAG_ID}"),
        _view("dag_run", "citylake-run", "citylake/dag?dag_id={DAG_ID}&run_id={RUN_ID}"),
    ]
