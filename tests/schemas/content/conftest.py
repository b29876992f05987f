"""The built-in registry, read once; and where the real data are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from citylake.schemas.read.registry import Registry, load_registry
from tests.declared import ALL_PACKS


@pytest.fixture(scope="session")
def registry() -> Registry:
    return load_registry(ALL_PACKS)


@pytest.fixture(scope="session")
def real_data() -> Path:
    beside = Path(__file__).parents[3] / "../shared/data"
    folder = Path(os.environ.get("CITYLAKE_DATA") or beside).resolve()
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}")
    return folder
