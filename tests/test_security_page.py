"""docs/security.md promises nothing without a test."""

from __future__ import annotations

import re
from pathlib import Path


def test_every_promise_names_tests_that_exist(root: Path) -> None:
    text = (root / "docs/security.md").read_text(encoding="utf-8")
    promised = [line for line in text.splitlines() if line.startswith("| ") and line.count("|") == 3]
    rows = [line for line in promised if not re.match(r"\| (promise|---) ", line)]
    assert len(rows) > 15
    for line in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)`", line)
        assert named, line
        for path in named:
            assert "def test_" in (root / path).read_text(encoding="utf-8"), path
