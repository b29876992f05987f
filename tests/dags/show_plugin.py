"""Load plugins as every part of Airflow does; print what citylake's adds, and which modules that imported."""

from __future__ import annotations

import json
import sys

from airflow import plugins_manager

plugins, errors = plugins_manager._get_plugins()
(found,) = (plugin for plugin in plugins if plugin.name == "citylake")
print(
    json.dumps(
        {
            "errors": errors,
            "source": str(found.source),
            "apps": [{key: app[key] for key in ("name", "url_prefix")} for app in found.fastapi_apps],
            "views": found.external_views,
            "imported": sorted({name.partition(".")[0] for name in sys.modules}),
            "pages": sorted(
                name
                for name in sys.modules
                if name.startswith(("citylake.pipelines", "citylake.dags.plugin.pages_app"))
            ),
        }
    )
)
