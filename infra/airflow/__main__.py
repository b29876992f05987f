"""``python -m infra.airflow``: Airflow on this machine, with the stand-in city as its sources."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from infra.airflow.laptop import ADMIN, first_runs, interruptible, standing_airflow, wait
from pipelines.cli.shared import quiet_retries
from schemas.catalogue import tell, word
from schemas.faults import CitylakeError

app = typer.Typer(add_completion=False, help=__doc__)
LANGUAGES = ("zh", "en")


@app.command()
def laptop(
    home: Annotated[Path, typer.Option(help="where Airflow, its logs, the city's data and the lake go")] = Path(
        ".airflow"
    ),
    port: Annotated[int, typer.Option(help="the page's port; 0 takes 8080, or a free one")] = 0,
) -> None:
    """Start Airflow and the city, run every dataset once, and go on until Ctrl-C."""
    interruptible()
    quiet_retries()
    _say("airflow.starting", home=home)
    try:
        with standing_airflow(home, port or None) as (url, password, airflow):
            ready = partial(_say, "airflow.ready", url=url, name=ADMIN, password=password, home=home)
            first_runs(url, password, airflow, ready)
            wait(airflow)
    except KeyboardInterrupt:
        _say("airflow.stopped", home=home)
    except CitylakeError as error:
        typer.echo("\n".join(tell(error.code, error.values, language) for language in LANGUAGES), err=True)
        raise typer.Exit(1) from error


def _say(key: str, **values: object) -> None:
    typer.echo("\n".join(word(key, language, **values) for language in LANGUAGES))


if __name__ == "__main__":
    app(prog_name="python -m infra.airflow")
