"""``citylake freshness`` and ``citylake notify``: report late data, and send notifications."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from citylake.pipelines.cli.shared_options import JsonOption, SharedOptions, make_console, print_json
from citylake.schemas.words.message_catalogue import translate_key

if TYPE_CHECKING:
    from citylake.pipelines.read.data_age import DataAge


def cli_freshness(
    context: typer.Context,
    notify: Annotated[
        bool, typer.Option("--notify", help="Send changes (late, fresh again) to the channels of CITYLAKE_NOTIFY.")
    ] = False,
    as_json: JsonOption = False,
) -> int:
    """Report the age of each dataset's newest data.

    Includes the datasets whose contract sets `expect.freshness`. Exit code 2 if one is late, 3 if a notification could
    not be sent.
    """
    from datetime import UTC, datetime

    from citylake.pipelines.flow.run_pipeline import EXIT_DONE, EXIT_FAILED, EXIT_HELD
    from citylake.pipelines.lake.retry_attempts import quiet_retries
    from citylake.pipelines.notify.late_alert import notify_late
    from citylake.pipelines.notify.notify_channel import configured_channels
    from citylake.pipelines.read.data_age import dataset_ages

    quiet_retries()
    shared: SharedOptions = context.obj
    work, channels = shared.context(writing=notify), configured_channels() if notify else ()
    if notify and not channels:
        make_console(error=True).print(translate_key("notify.nobody"))
    found = dataset_ages(work, datetime.now(UTC))
    failed = notify_late(work, found, channels)
    if as_json:
        print_json({"datasets": [_age_document(age) for age in found]})
    else:
        _print_ages(found)
    if failed:
        return EXIT_FAILED
    return EXIT_HELD if any(age.late for age in found) else EXIT_DONE


def _age_document(age: DataAge) -> dict[str, Any]:
    return {"dataset": _age_label(age), **age.document()}


def _age_label(age: DataAge) -> str:
    return age.contract.dataset if age.contract else "—"


def _print_ages(found: list[DataAge]) -> None:
    from rich.text import Text

    from citylake.pipelines.cli.result_tables import make_listing

    if not found:
        make_console().print(translate_key("notify.no_promise"))
        return
    table = make_listing(None, ("dataset", "status", "newest", "age", "allowed"))
    for age in found:
        how_old = str(timedelta(minutes=age.age // timedelta(minutes=1))) if age.age else "—"
        late = Text(translate_key("notify.is_late"), "red") if age.late else translate_key("notify.is_fresh")
        newest = age.shown or translate_key("notify.never")
        table.add_row(_age_label(age), late, newest, how_old.removesuffix(":00"), age.allowed)
    make_console().print(table)


def cli_notify(_context: typer.Context) -> int:
    """Send a test message to every configured channel.

    CITYLAKE_NOTIFY lists the channels for late data, CITYLAKE_NOTIFY_HELD those for held batches, and
    CITYLAKE_NOTIFY_DIGEST those for digests. Exit code 1 if no channel is configured, 3 if one could not be reached.
    """
    from citylake.pipelines.flow.run_pipeline import EXIT_DECLARATIONS, EXIT_DONE, EXIT_FAILED
    from citylake.pipelines.lake.retry_attempts import quiet_retries
    from citylake.pipelines.notify.notify_channel import (
        DIGEST_VARIABLE,
        HELD_VARIABLE,
        LATE_VARIABLE,
        configured_channels,
    )
    from citylake.pipelines.notify.notify_message import build_message
    from citylake.pipelines.notify.notify_sender import send_to_channels

    quiet_retries()
    variables = (LATE_VARIABLE, HELD_VARIABLE, DIGEST_VARIABLE)
    channels = tuple(dict.fromkeys(each for name in variables for each in configured_channels(variable=name)))
    if not channels:
        make_console().print(translate_key("notify.nobody"))
        return EXIT_DECLARATIONS
    failed = []
    for channel in channels:
        problems = send_to_channels(build_message("test", department=channel.department), [channel])
        failed += problems
        if not problems:
            make_console().print(translate_key("notify.sent", channel=channel))
    return EXIT_FAILED if failed else EXIT_DONE
