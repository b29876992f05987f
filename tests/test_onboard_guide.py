"""The guide of onboarding, walked as it is written; what the page on elements declares passes lint."""

from __future__ import annotations

import re
from pathlib import Path

from citylake.schemas.lint import lint_errors
from citylake.schemas.read.registry import load_registry
from tests.forked.commands import ForkedCommands
from tests.guide_steps import ROOT, check_step, guide_steps, make_commands, run_step


def test_an_unknown_file_is_bound_as_the_guide_says(tmp_path: Path, forked: ForkedCommands) -> None:
    make_commands(tmp_path, forked)
    for step in guide_steps("docs/onboard.md"):
        check_step(step, run_step(step.command, tmp_path))


def test_elements_and_code_lists_are_declared_as_the_page_says(tmp_path: Path) -> None:
    text = (ROOT / "docs/elements.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n# (\S+)\n(.*?)```", text, re.DOTALL)
    for name, block in blocks:
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(block, encoding="utf-8")
    assert len(blocks) == text.count("```yaml")
    registry = load_registry(tmp_path)
    assert lint_errors(registry) == []
    assert {"tree.height", "tree.species"} <= registry.elements.keys()
