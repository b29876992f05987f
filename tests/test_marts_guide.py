"""The pages of marts, of their versions and of sensitivity, walked as they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.forked.commands import ForkedCommands
from tests.guide_steps import ROOT, Step, check_step, make_commands, run_step, steps_of

BLOCK = re.compile(
    r"```(?P<kind>console|python|yaml|sql)\n(?:(?:#|--) (?P<file>city/\S+)\n)?(?P<text>.*?)```", re.DOTALL
)


@pytest.mark.parametrize(
    "page",
    [
        "docs/mart-diff.md",
        "docs/mart-file.md",
        "docs/mart-tests.md",
        "docs/mart-versions.md",
        "docs/marts.md",
        "docs/sensitivity.md",
        "docs/trace.md",
    ],
)
def test_every_step_of_the_page_prints_what_it_says(
    tmp_path: Path, forked: ForkedCommands, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("CITYLAKE_KEY_TOKENS", "CITYLAKE_KEY_SEAL"):
        monkeypatch.delenv(key, raising=False)
    make_commands(tmp_path, forked)
    walked = 0
    # Lazily: a file is written when the page has come to it.
    for step in _walked(page, tmp_path):
        check_step(step, run_step(step.command, tmp_path))
        walked += 1
    assert walked


def _walked(page: str, folder: Path) -> Iterator[Step]:
    """The commands of the page; a block that begins with the name of a file below ``city`` is written there."""
    for block in BLOCK.finditer((ROOT / page).read_text(encoding="utf-8")):
        if block["kind"] == "console":
            yield from steps_of(block["text"])
        elif block["file"]:
            file = folder / block["file"]
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(block["text"], encoding="utf-8")
