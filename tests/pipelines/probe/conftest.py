from __future__ import annotations

import pytest

from schemas.checked import require
from schemas.registry import Registry


@pytest.fixture(scope="session")
def registry() -> Registry:
    return require(None)
