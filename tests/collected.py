"""A pytest plugin: prints the path of every test module that a run would collect, and imports none of them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest


class _Named(pytest.Module):
    def collect(self) -> Iterable[pytest.Item | pytest.Collector]:
        return []


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.Module:
    print(f"collected {module_path}")
    return _Named.from_parent(parent, path=module_path)
