"""The guide of exchange, walked as it is written."""

from __future__ import annotations

from pathlib import Path

from tests.forked.commands import ForkedCommands
from tests.guide_steps import check_step, guide_steps, make_commands, run_step


def test_the_example_prints_what_the_guide_says(tmp_path: Path, forked: ForkedCommands) -> None:
    make_commands(tmp_path, forked)
    for step in guide_steps("docs/exchange.md"):
        check_step(step, run_step(step.command, tmp_path))
