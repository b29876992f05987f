from __future__ import annotations

import pytest

from citylake.schemas.lint.valid_registry import load_valid_registry
from citylake.schemas.read.registry import Registry
from tests.declared import ALL_PACKS


@pytest.fixture(autouse=True)
def _workspace(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYLAKE_WORKSPACE", str(ALL_PACKS))


@pytest.fixture(scope="session")
def registry() -> Registry:
    return load_valid_registry(ALL_PACKS)
