"""``python -m citylake.infra.airflow``: Airflow on this machine, with the demonstration city as its sources."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from citylake.infra.airflow.laptop import (
    ADMIN_NAME,
    interrupt_on_sigterm,
    standing_airflow,
    start_first_runs,
    wait_for_interrupt,
)
from citylake.pipelines.cli.shared_options import quiet_retries
from citylake.schemas.words.errors import CitylakeError
from citylake.schemas.words.message_catalogue import render_issue, translate_key

app = typer.Typer(add_completion=False, help=__doc__)
PRINT_LANGUAGES = ("zh", "en")


@app.command()
def laptop(
    home: Annotated[Path, typer.Option(help="where Airflow, its logs, the city's data and the lake go")] = Path(
        ".airflow"
    ),
    port: Annotated[int, typer.Option(help="the page's port; 0 takes 8080, or a free one")] = 0,
) -> None:
    """Start Airflow and the city, run every dataset once, and serve until Ctrl-C."""
    interrupt_on_sigterm()
    quiet_retries()
    _say("airflow.starting", home=home)
    try:
        with standing_airflow(home, port or None) as (url, password, airflow):
            ready = partial(_say, "airflow.ready", url=url, name=ADMIN_NAME, password=password, home=home)
            start_first_runs(url, password, airflow, ready)
            wait_for_interrupt(airflow)
    except KeyboardInterrupt:
        _say("airflow.stopped", home=home)
    except CitylakeError as error:
        typer.echo(
            "\n".join(render_issue(error.code, error.values, language) for language in PRINT_LANGUAGES), err=True
        )
        raise typer.Exit(1) from error


def _say(key: str, **values: object) -> None:
    typer.echo("\n".join(translate_key(key, language, **values) for language in PRINT_LANGUAGES))


if __name__ == "__main__":
    app(prog_name="python -m citylake.infra.airflow")
