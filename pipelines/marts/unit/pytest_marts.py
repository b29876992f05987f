"""A hook of pytest that collects the tests beside SELECTs.

In the ``conftest.py`` of a workspace: ``from citylake.pipelines.marts.unit.pytest_marts import pytest_collect_file``.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from citylake.schemas.model.mart_test import TEST_SUFFIX
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    from citylake.pipelines.marts.unit.run_mart_tests import MartTestCase, MartTester
    from citylake.schemas.read.registry import Registry

_OPEN = pytest.StashKey[dict[Path, "OpenWorkspace"]]()


class MartTestFailedError(Exception):
    """A test whose SELECT returned something else; its text has the differences."""


class OpenWorkspace:
    """The declarations of one workspace and the engine of its tests, for a whole session."""

    def __init__(self, root: Path, config: pytest.Config) -> None:
        from citylake.pipelines.marts.unit.run_mart_tests import MartTester
        from citylake.schemas.lint.valid_registry import load_sound_registry

        self.registry: Registry = load_sound_registry(root)
        self.tester: MartTester = MartTester(self.registry)
        config.add_cleanup(self.tester.close)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect ``marts/<mart>/<table>.test.yaml`` of a workspace."""
    named = file_path.name.endswith(TEST_SUFFIX) and (file_path.parent / "mart.yaml").is_file()
    return MartTestFile.from_parent(parent, path=file_path) if named and _workspace(file_path) else None


class MartTestFile(pytest.File):
    """One file of tests."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield its tests; a faulty file is one error."""
        from citylake.pipelines.marts.unit.run_mart_tests import cases_of_file

        try:
            opened = _open(self.path, self.config)
            mart = _mart_of(self.path, opened)
            cases = cases_of_file(opened.registry, mart, self.path.name.removesuffix(TEST_SUFFIX), self.path)
        except CitylakeError as error:
            raise self.CollectError(str(error)) from error
        for case in cases:
            yield MartTestItem.from_parent(self, name=case.test.name, case=case, tester=opened.tester)


class MartTestItem(pytest.Item):
    """One test."""

    def __init__(self, *, case: MartTestCase, tester: MartTester, **words: Any) -> None:
        super().__init__(**words)
        self._case, self._tester = case, tester

    def runtest(self) -> None:
        """Run it. Raises MartTestFailedError."""
        outcome = self._tester.run(self._case)
        if not outcome.passed:
            raise MartTestFailedError("\n".join(outcome.lines))

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return what differs, and nothing of the code that compares."""
        if isinstance(excinfo.value, MartTestFailedError):
            return f"{self._case.file}:{self._case.line}\n{excinfo.value}"
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the test is written."""
        return self._case.file, self._case.line - 1, f"{self._case.mart}.{self._case.table}: {self.name}"


def _workspace(path: Path) -> Path | None:
    return next((folder for folder in path.parents if (folder / "workspace.yaml").is_file()), None)


def _open(path: Path, config: pytest.Config) -> OpenWorkspace:
    root = _workspace(path)
    assert root is not None
    opened = config.stash.setdefault(_OPEN, {})
    if root not in opened:
        opened[root] = OpenWorkspace(root, config)
    return opened[root]


def _mart_of(path: Path, opened: OpenWorkspace) -> Any:
    """The mart of the file's folder. Raises MART_UNKNOWN, also if its declaration has a fault."""
    places = opened.registry.places
    for name, mart in opened.registry.marts.items():
        if places["mart", name].path.parent.resolve() == path.parent.resolve():
            return mart
    known = ", ".join(sorted(opened.registry.marts)) or "—"
    raise CitylakeError("MART_UNKNOWN", mart=path.parent.name, known=known)
