"""``python -m citylake.infra.city generate|serve|run``: make the city's data, serve it, or run citylake on it."""

from __future__ import annotations

import time
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from citylake.infra.city.city_model import City
from citylake.infra.city.generate import generate_city
from citylake.infra.city.run_city import show_city
from citylake.infra.city.serve.city_server import serve_city
from citylake.infra.city.whitepaper.run_whitepaper import show_whitepaper
from citylake.infra.city.whitepaper.whitepaper_page import write_whitepaper_pages
from citylake.schemas.words.message_catalogue import translate_key

app = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__)

Folder = Annotated[Path, typer.Argument(help="the folder of the generated data")]
Seed = Annotated[int, typer.Option(help="the same seed gives the same bytes")]
Days = Annotated[int, typer.Option(min=1, help="how many days")]
Start = Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="the first day")]

_CITY = City()
_START = datetime.combine(_CITY.start, datetime.min.time())


@app.command("generate")
def generate_command(folder: Folder, seed: Seed = _CITY.seed, days: Days = _CITY.days, start: Start = _START) -> None:
    """Write every department's data below FOLDER, and the planted faults to truth.json."""
    truth = generate_city(folder, City(seed, start.date(), days))
    rows = sum(dataset["rows"] for dataset in truth["datasets"].values())
    typer.echo(translate_key("city.generated", folder=folder, datasets=len(truth["datasets"]), rows=rows))


@app.command("serve")
def serve_command(folder: Folder, port: Annotated[int, typer.Option(help="0 takes a free one")] = 0) -> None:
    """Serve the generated FOLDER on the loopback until interrupted; prints the URL."""
    with serve_city(folder, port) as url:
        typer.echo(url)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return


@app.command("run")
def run_command(
    folder: Annotated[Path, typer.Option(help="where the city's data go")] = Path("city"),
    lake: Annotated[Path, typer.Option(help="where the lake is")] = Path("lake"),
) -> None:
    """Generate and serve the city, run citylake on it, and print the result."""
    raise typer.Exit(show_city(folder, lake))


@app.command("whitepaper")
def whitepaper_command(
    folder: Annotated[Path, typer.Option(help="where the city's data go")] = Path("city-whitepaper"),
    lake: Annotated[Path, typer.Option(help="where the lake is")] = Path("lake-whitepaper"),
    system: Annotated[list[str] | None, typer.Option(help="run the datasets and marts of these systems only")] = None,
) -> None:
    """Run citylake on the whole city with every system of the white paper, and print what each shows."""
    raise typer.Exit(show_whitepaper(folder, lake, system or ()))


@app.command("whitepaper-pages")
def whitepaper_pages_command() -> None:
    """Write docs/whitepaper.md and its Chinese version from the systems of workspaces/whitepaper."""
    write_whitepaper_pages()


if __name__ == "__main__":
    app(prog_name="python -m citylake.infra.city")
