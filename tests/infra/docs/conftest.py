"""The site, built once for all tests of this folder."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The whole site, built strictly: a link that leads nowhere ends the build."""
    pytest.importorskip("mkdocstrings", reason="the extra docs is not installed")
    from citylake.infra.docs.build_site import build_site

    return build_site(tmp_path_factory.mktemp("docs"))
