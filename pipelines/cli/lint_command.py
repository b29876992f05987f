"""``citylake lint``: reports every fault of the declarations, with file, line and a suggestion."""

from __future__ import annotations

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.message_catalogue import current_language, translate_key


def cli_lint(context: typer.Context, as_json: JsonOption = False) -> int:
    """Check every declaration of the workspace.

    Each finding has a file, a line and a suggestion. Exit code 1 if there is an error.
    """
    from citylake.schemas.lint import lint_workspace
    from citylake.schemas.read.find_workspace import find_workspace
    from citylake.schemas.read.workspace import Workspace

    shared: SharedOptions = context.obj
    root = find_workspace(shared.workspace)
    findings = lint_workspace(root)
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        print_json({"errors": errors, "findings": [finding.as_json() for finding in findings]})
        return 1 if errors else 0
    for finding in findings:
        print_text(finding.say(current_language()))
    if findings:
        print_text(translate_key("run.faults", errors=errors, warnings=len(findings) - errors))
    else:
        workspace = Workspace(root)
        kinds = ("elements", "codes", "datasets", "marts")
        print_text(translate_key("run.clean", count=sum(1 for kind in kinds for _ in workspace.files(kind))))
    return 1 if errors else 0
