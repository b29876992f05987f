"""``python -m citylake.infra.docs.make_screenshots``: the pictures of the READMEs, made from the demonstration city.

The city is generated and run into a lake; the run's page, and "City lake" in Airflow's own pages, are then opened in
Chromium in each language. Needs the extras ``airflow``, ``city`` and ``dev``, and Debian's packages ``chromium`` and
``fonts-noto-cjk``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from citylake.infra.airflow.child_process import Process, stop_processes, wait_for
from citylake.infra.airflow.laptop import ADMIN_NAME, laptop_settings
from citylake.infra.airflow.native_services import LOOPBACK, REPOSITORY_ROOT, free_ports
from citylake.infra.airflow.password import write_password
from citylake.infra.city.run_city import show_city
from citylake.infra.city.standing_city import standing_city

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

IMAGES = REPOSITORY_ROOT / "docs/images"
LOCALES = {"en": "en-GB", "zh": "zh-CN"}
PICTURES = tuple(f"{name}-{language}.png" for name in ("run-page", "city-lake") for language in LOCALES)
MAX_BYTES = 250_000
_PASSWORD = "screenshots"  # noqa: S105 (of a server that lives for a minute, on the loopback)
_RUN_SIZE, _LAKE_SIZE = (1200, 820), (1400, 820)
_START_S, _STOP_S, _WAIT_MS = 180.0, 10.0, 30_000
_SHORTEN = """places => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode())
    for (const place of places) walker.currentNode.data = walker.currentNode.data.replace(place + "/", "");
}"""
_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")


def make_screenshots(target: Path) -> list[Path]:
    """Write every picture below ``target``; returns the files. Raises ValueError if one is too large."""
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="citylake-pictures-") as folder, _chromium() as browser:
        home = Path(folder)
        lake = _run_city(home)
        for language in LOCALES:
            (report,) = (lake / "reports" / language / "runs").glob("*.html")
            _run_picture(browser, report, language, home, target / f"run-page-{language}.png")
        with _api_server(home, lake) as url:
            for language, locale in LOCALES.items():
                _lake_picture(browser, url, locale, home, target / f"city-lake-{language}.png")
    made = [target / name for name in PICTURES]
    if large := [path.name for path in made if path.stat().st_size > MAX_BYTES]:
        raise ValueError(f"larger than {MAX_BYTES:,} bytes: {', '.join(large)}. Make the window smaller.")
    return made


def _run_city(home: Path) -> Path:
    """The lake of one run of the demonstration city."""
    with (home / "run.log").open("w") as log, redirect_stdout(log):
        done = show_city(home / "city", home / "lake")
    if done != 0:
        raise RuntimeError(f"the run ended with {done}: {(home / 'run.log').read_text()[-2000:]}")
    return home / "lake"


def _run_picture(browser: Browser, report: Path, language: str, home: Path, picture: Path) -> None:
    with _tab(browser, LOCALES[language], _RUN_SIZE) as page:
        page.goto(report.as_uri())
        page.evaluate(_SHORTEN, _places(home))
        page.evaluate("document.fonts.ready")
        page.screenshot(path=picture)


def _lake_picture(browser: Browser, url: str, locale: str, home: Path, picture: Path) -> None:
    with _tab(browser, locale, _LAKE_SIZE) as page:
        page.goto(url)
        page.fill("input[name=username]", ADMIN_NAME)
        page.fill("input[name=password]", _PASSWORD)
        page.click("button[type=submit]")
        page.get_by_text("City lake").first.wait_for()
        page.goto(f"{url}/plugin/citylake")
        frame = page.frame_locator("iframe[title='City lake']")
        frame.locator("#datasets tbody").first.wait_for()
        frame.locator("body").evaluate(f"(_, places) => ({_SHORTEN})(places)", _places(home))
        page.evaluate("document.fonts.ready")
        page.screenshot(path=picture)


def _places(home: Path) -> list[str]:
    """Folders of this machine, which no picture shows."""
    return [str(home), str(REPOSITORY_ROOT)]


@contextmanager
def _tab(browser: Browser, locale: str, size: tuple[int, int]) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale=locale)
    context.set_default_timeout(_WAIT_MS)
    yield context.new_page()
    context.close()


@contextmanager
def _api_server(home: Path, lake: Path) -> Iterator[str]:
    """Airflow's api-server over ``lake``; gone at the end."""
    (port,) = free_ports(1)
    write_password(home / "airflow/passwords.json", ADMIN_NAME, _PASSWORD)
    with standing_city(home / "city") as sources:
        environment = _environment(home / "airflow", port, lake, sources)
        airflow = [sys.executable, "-m", "airflow"]
        Process("migrate", [*airflow, "db", "migrate"], environment, home / "migrate.log").succeed(_START_S)
        command = [*airflow, "api-server", "--host", LOOPBACK, "--port", str(port)]
        server = Process("api-server", command, environment, home / "server.log")
        try:
            wait_for(lambda: _answers(f"http://{LOOPBACK}:{port}"), [server], _START_S)
            yield f"http://{LOOPBACK}:{port}"
        finally:
            stop_processes([server], signal.SIGTERM, _STOP_S)


def _environment(home: Path, port: int, lake: Path, sources: Mapping[str, str]) -> dict[str, str]:
    settings = laptop_settings(home, port) | {"CITYLAKE_LAKE": str(lake)}
    return {**os.environ, **settings, **sources}


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/api/v2/version").is_success
    except httpx.TransportError:
        return False


@contextmanager
def _chromium() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if program is None:
        raise RuntimeError("Chromium is missing. On Debian: apt-get install -y chromium fonts-noto-cjk")
    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=program, args=list(_FLAGS))
        yield browser
        browser.close()


def main() -> None:
    """Make the pictures and print where they are."""
    parser = argparse.ArgumentParser(prog="python -m citylake.infra.docs.make_screenshots", description=__doc__)
    parser.add_argument("--target", type=Path, default=IMAGES, help="folder for the pictures")
    for path in make_screenshots(parser.parse_args().target.resolve()):
        print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
