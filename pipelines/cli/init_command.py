"""``citylake init``: creates a new workspace."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from citylake.pipelines.cli.shared_options import JsonOption, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import translate_key


def cli_init(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to create; it may exist if it is empty.")],
    as_json: JsonOption = False,
) -> int:
    """Create a workspace with sample data, a mart and a test.

    It can be linted and run without changes.
    """
    from citylake.pipelines.onboard.create_workspace import create_workspace

    files = create_workspace(folder)
    if as_json:
        print_json({"workspace": str(folder), "files": [str(file.relative_to(folder)) for file in files]})
    else:
        print_text(translate_key("init.created", folder=folder, quoted=shlex.quote(str(folder)), count=len(files)))
    return 0
