"""``citylake lint``: every fault of the declarations, with file, line and a suggestion."""

from __future__ import annotations

import typer

from pipelines.cli.shared import Json, Shared, print_json
from schemas.catalogue import current_language, word


def lint(context: typer.Context, as_json: Json = False) -> int:
    """Check every declaration of the workspace; exit code 1 where one is wrong."""
    from schemas.lint import lint as check
    from schemas.workspace import Workspace

    shared: Shared = context.obj
    findings = check(shared.workspace)
    errors = sum(finding.severity == "error" for finding in findings)
    if as_json:
        print_json({"errors": errors, "findings": [finding.as_json() for finding in findings]})
        return 1 if errors else 0
    for finding in findings:
        print(finding.say(current_language()))
    if findings:
        print(word("run.faults", errors=errors, warnings=len(findings) - errors))
    else:
        space = Workspace(shared.workspace)
        kinds = ("elements", "codes", "datasets", "marts")
        print(word("run.clean", count=sum(1 for kind in kinds for _ in space.files(kind))))
    return 1 if errors else 0
