"""The guide's commands do what the guide shows."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from citylake.infra.city.city_model import City
from citylake.infra.city.generate import generate_city
from citylake.infra.city.serve.city_server import serve_city
from tests.forked.commands import ForkedCommands
from tests.guide_steps import check_step, guide_steps, make_commands, run_step

ADDRESS = "http://127.0.0.1:8765"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("city")
    generate_city(folder, City())
    with serve_city(folder) as url:
        yield url


def test_every_command_of_the_guide_shows_what_the_guide_says(
    portal: str, tmp_path: Path, forked: ForkedCommands
) -> None:
    make_commands(tmp_path, forked)
    for step in guide_steps("docs/add-a-source.md"):
        check_step(step, run_step(step.command.replace(ADDRESS, portal), tmp_path).replace(portal, ADDRESS))
