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
    from citylake.pipelines.flow.engine_lint import lint_folder
    from citylake.schemas.lint.lint_finding import display_path
    from citylake.schemas.read.find_workspace import find_workspace
    from citylake.schemas.read.workspace import Workspace

    shared: SharedOptions = context.obj
    root = find_workspace(shared.workspace)
    found = lint_folder(root)
    findings = found.findings
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        document: dict[str, object] = {"errors": errors, "findings": [finding.as_json() for finding in findings]}
        if found.allowed:
            # Tests of workspaces compare the document without it.
            document["allowed"] = [
                {**each.finding.as_json(), "word": each.word, "why": each.why} for each in found.allowed
            ]
        print_json(document)
        return 1 if errors else 0
    for finding in findings:
        print_text(finding.say(current_language()))
    for each in found.allowed:
        where = f"{display_path(each.finding.path)}:{each.finding.line}"
        print_text(translate_key("run.allowed_finding", where=where, code=each.finding.code, why=each.why))
    if findings:
        print_text(translate_key("run.faults", errors=errors, warnings=len(findings) - errors))
    else:
        workspace = Workspace(root)
        kinds = ("elements", "codes", "datasets", "marts", "entities", "deliveries")
        print_text(translate_key("run.clean", count=sum(1 for kind in kinds for _ in workspace.files(kind))))
    return 1 if errors else 0
