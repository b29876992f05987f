"""``citylake dispute`` and ``citylake disputes``: doubts about a value of a mart, and the answers of departments."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.quarantine_acts_command import UserOption, open_work
from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, print_json
from citylake.pipelines.cli.terminal_text import print_text
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from citylake.pipelines.acts.disputes.open_dispute import OpenedDispute

app = typer.Typer(help="Disputed values of marts: list them, and answer.", rich_markup_mode=None)
ANSWERS = ("right", "wrong", "withdrawn")


@app.callback()
def disputes_group() -> None:
    """List disputed values of marts, and answer the questions about them."""


def cli_open_dispute(
    context: typer.Context,
    mart: Annotated[str, typer.Argument(help="The mart.")],
    table: Annotated[str, typer.Argument(help="The table.")],
    key: Annotated[list[str], typer.Argument(help="The row, as for trace, then the column that is doubted.")],
    why: Annotated[str, typer.Option("--why", help="What seems wrong.")] = "",
    due: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Expected day of the answer.")] = None,
    version: Annotated[str | None, typer.Option(help="The version of the mart (default: the current one).")] = None,
    user: UserOption = None,
    as_json: JsonOption = False,
) -> int:
    """Ask the departments whose rows a value of a mart was made from whether they are right.

    The question goes along the trace: `citylake quarantine export` gives each department the rows with the question
    and its due date; their corrections are taken back as those of refused rows are.
    """
    from citylake.pipelines.acts.disputes.open_dispute import open_dispute
    from citylake.pipelines.history.trace.recorded_trace import recorded_trace
    from citylake.pipelines.lake.access_record import Asked

    work = open_work(context, user)
    if not why.strip():
        raise CitylakeError("DISPUTE_WHY_MISSING")
    asked = Asked(work.person.user, work.person.via, why)
    traced, _ = recorded_trace(work.lake, work.registry, mart, table, key, None, version, asked)
    if traced.column is None:
        raise CitylakeError("DISPUTE_COLUMN_MISSING", mart=mart, table=table)
    done = open_dispute(work, traced, why, due.date() if due else None)
    if as_json:
        print_json(_opened_document(done))
    else:
        _print_opened(done)
    return 0


def _opened_document(done: OpenedDispute) -> dict[str, Any]:
    first = done.questions[0]
    place = {"mart": first.mart, "version": first.version, "table": first.table_name, "column": first.column_name}
    questions = [
        {"dataset": each.dataset, "department": each.department, "rows": each.rows, "due_on": each.due_on.isoformat()}
        for each in done.questions
    ]
    return {"dispute": done.dispute_id, "already": done.already, **place, "questions": questions}


def _print_opened(done: OpenedDispute) -> None:
    first = done.questions[0]
    values = {"mart": first.mart, "table": first.table_name, "column": first.column_name, "value": first.value}
    print_text(translate_key("disputes.opened", dispute=done.dispute_id, **values))
    if done.already:
        print_text(translate_key("disputes.already"))
    for each in done.questions:
        asked = {"dataset": each.dataset, "rows": f"{each.rows:,}", "due": each.due_on.isoformat()}
        print_text(translate_key("disputes.asked", department=each.department, **asked))
    for department in dict.fromkeys(each.department for each in done.questions):
        print_text(translate_key("disputes.next", department=department))


@app.command("list")
def cli_list_disputes(
    context: typer.Context,
    department: Annotated[str | None, typer.Option(help="Only questions to this department.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that are answered or withdrawn.")] = False,
    as_json: JsonOption = False,
) -> int:
    """List disputed values, with who must answer until when."""
    from citylake.pipelines.acts.disputes.recorded_disputes import last_disputes
    from citylake.pipelines.lake.ledger import Ledger

    shared: SharedOptions = context.obj
    found = last_disputes(Ledger(shared.lake()))
    found = found if every else found.filter(state="open")
    found = found if department is None else found.filter(department=department)
    rows = found.drop("sequence").to_dicts()
    if as_json:
        print_json({"disputes": rows})
    elif not rows:
        print_text(translate_key("disputes.none"))
    else:
        _print_disputes(rows)
    return 0


def _print_disputes(rows: list[dict[str, Any]]) -> None:
    by_dispute: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        by_dispute.setdefault(row["dispute_id"], []).append(row)
    for dispute, questions in by_dispute.items():
        first = questions[0]
        values = {"mart": first["mart"], "table": first["table_name"], "column": first["column_name"]}
        key = ", ".join(f"{name}={value}" for name, value in json.loads(first["key"]).items())
        print_text(translate_key("disputes.opened", dispute=dispute, **values, value=f"{first['value']} ({key})"))
        print_text(translate_key("disputes.said", user=first["user"], why=first["why"]))
        for row in questions:
            _print_question(row)


def _print_question(row: dict[str, Any]) -> None:
    values = {"department": row["department"], "dataset": row["dataset"], "rows": f"{row['rows']:,}"}
    if row["state"] == "open":
        print_text(translate_key("disputes.asked", due=row["due_on"].isoformat(), **values))
    else:
        state = translate_key(f"disputes.state_{row['state']}")
        said = {"state": state, "user": row["answered_by"], "answer": row["answer"]}
        print_text(translate_key("disputes.said_back", **values, **said))


@app.command("answer")
def cli_answer_dispute(
    context: typer.Context,
    dispute: Annotated[str, typer.Argument(help="The dispute.")],
    answer: Annotated[str, typer.Argument(help="right, wrong or withdrawn.")],
    why: Annotated[str, typer.Option("--why", help="The answer in words.")] = "",
    department: Annotated[str | None, typer.Option(help="The department that answers, if several were asked.")] = None,
    user: UserOption = None,
    as_json: JsonOption = False,
) -> int:
    """Answer a question about a value: its rows are right, or wrong; or withdraw the question."""
    from citylake.pipelines.acts.disputes.answer_dispute import answer_dispute

    if answer not in ANSWERS:
        raise typer.BadParameter(", ".join(ANSWERS))
    done = answer_dispute(open_work(context, user), dispute, answer, why, department)  # type: ignore[arg-type]
    if as_json:
        answers = [{"dataset": each.dataset, "department": each.department, "state": each.state} for each in done]
        print_json({"dispute": dispute, "answers": answers})
        return 0
    for each in done:
        state = translate_key(f"disputes.state_{each.state}")
        print_text(translate_key("disputes.answered", department=each.department, dataset=each.dataset, state=state))
        if each.state == "wrong":
            print_text(translate_key("disputes.replay", dataset=each.dataset))
    return 0
