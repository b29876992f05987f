"""Call the plugin's held page as an editor, a viewer, and a form of another site; print what each got, as JSON.

The auth manager is Airflow's own simple one; only who is logged in is given.
"""

from __future__ import annotations

import json
import os
import sys

from airflow.api_fastapi.app import create_auth_manager
from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
from airflow.api_fastapi.core_api.security import get_user
from fastapi.testclient import TestClient

from citylake.dags.plugin.pages_app import create_pages_app
from citylake.pipelines.lake.lake_zones import Lake
from citylake.pipelines.lake.ledger import Ledger

batch = sys.argv[1]
create_auth_manager()
app = create_pages_app()
SAME = {"sec-fetch-site": "same-origin"}
FORM = {"decision": "release", "why": "known"}


def call(role: str, headers: dict[str, str], form: dict[str, str] = FORM) -> int:
    app.dependency_overrides[get_user] = lambda: SimpleAuthManagerUser(username=f"{role}-ana", role=role)
    client = TestClient(app, raise_server_exceptions=False, follow_redirects=False)
    return client.post(f"/held/{batch}", data=form, headers=headers).status_code


def page(role: str) -> str:
    app.dependency_overrides[get_user] = lambda: SimpleAuthManagerUser(username=f"{role}-ana", role=role)
    return TestClient(app).get("/held?lang=en").text


found = {
    "viewer_page": "<form" in page("viewer"),
    "editor_page": "<form" in page("user") and batch in page("user"),
    "viewer": call("viewer", SAME),
    "other_site": call("user", {"sec-fetch-site": "cross-site", "origin": "https://elsewhere.example"}),
    "no_origin": call("user", {}),
    "other_origin": call("user", {"origin": "https://elsewhere.example"}),
    "no_reason": call("user", SAME, {"decision": "release", "why": " "}),
    "no_decision": call("user", SAME, {"why": "x"}),
    "too_long": call("user", SAME, {"decision": "release", "why": "x" * 30_000}),
    "acts_before": Ledger(Lake(os.environ["CITYLAKE_LAKE"])).read("acts").height,
    "editor": call("user", {"origin": "http://testserver"}),
    "acts": Ledger(Lake(os.environ["CITYLAKE_LAKE"])).read("acts").select("act", "user", "why", "via").rows(),
}
print(json.dumps(found))
