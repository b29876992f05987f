"""``python -m citylake.infra.airflow``: Airflow on this machine, with the demonstration city as its sources."""

from __future__ import annotations

from contextlib import suppress
from functools import partial
from pathlib import Path
from traceback import format_exception
from typing import Annotated, Any, NoReturn

import typer

from citylake.infra.airflow.laptop import (
    ADMIN_NAME,
    interrupt_on_sigterm,
    standing_airflow,
    start_first_runs,
    wait_for_interrupt,
)
from citylake.pipelines.lake.retry_attempts import quiet_retries
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import render_issue, translate_key

app = typer.Typer(add_completion=False, help=__doc__)
PRINT_LANGUAGES = ("zh", "en")


@app.command()
def laptop(
    home: Annotated[Path, typer.Option(help="where Airflow, its logs, the city's data and the lake go")] = Path(
        ".airflow"
    ),
    port: Annotated[int, typer.Option(help="the page's port; 0 takes 8080, or a free one", min=0, max=65535)] = 0,
    run: Annotated[list[str] | None, typer.Option(help="a dataset to run at the start, in place of all")] = None,
) -> None:
    """Start Airflow and the city, run every dataset once, and serve until Ctrl-C."""
    interrupt_on_sigterm()
    quiet_retries()
    try:
        _say("airflow.starting", home=home)
        with standing_airflow(home, _say, port or None, paused=bool(run)) as (url, password, airflow):
            ready = partial(_say, "airflow.ready", url=url, name=ADMIN_NAME, password=password, home=home)
            start_first_runs(url, password, airflow, ready, _say, run or ())
            wait_for_interrupt(airflow)
    except KeyboardInterrupt:
        _say("airflow.stopped", home=home)
    except CitylakeError as error:
        _fail(error)
    except Exception as error:
        _fail(_unexpected(home, error))


def _fail(error: CitylakeError) -> NoReturn:
    lines = (render_issue(error.code, error.values, language) for language in PRINT_LANGUAGES)
    typer.echo("\n".join(lines), err=True)
    raise typer.Exit(1) from error


def _unexpected(home: Path, error: Exception) -> CitylakeError:
    """What nobody has foreseen: one sentence, and the traceback in a file."""
    log = home / "laptop.log"
    with suppress(OSError):
        log.write_text("".join(format_exception(error)), encoding="utf-8")
    return CitylakeError("AIRFLOW_UNEXPECTED", why=f"{type(error).__name__}: {error}", log=log)


def _say(key: str, **values: Any) -> None:
    for language in PRINT_LANGUAGES:
        told = {name: value[language] if isinstance(value, dict) else value for name, value in values.items()}
        typer.echo(translate_key(key, language, **told))


if __name__ == "__main__":
    app(prog_name="python -m citylake.infra.airflow")
