"""What has a page, and what the page says."""

from __future__ import annotations

from typing import Literal

import pytest
from pydantic import BaseModel
from typer.main import get_command

from citylake.infra.docs.build_site import reference_pages
from citylake.infra.docs.connector_pages import connector_models, format_models
from citylake.infra.docs.function_pages import function_names
from citylake.infra.docs.markdown_page import escape_text, markdown_table
from citylake.infra.docs.model_fields import field_docstrings, settings_table, type_text
from citylake.pipelines.cli.typer_app import app
from citylake.schemas.read.registry import load_registry
from citylake.schemas.words.message_catalogue import issue_types
from tests.declared import ALL_PACKS


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    return {page.path: page.text for page in reference_pages()}


def _names(pages: dict[str, str], folder: str) -> set[str]:
    start = f"reference/{folder}/"
    return {path.removeprefix(start).removesuffix(".md") for path in pages if path.startswith(start)} - {"index"}


def test_every_element_and_code_list_has_a_page(pages: dict[str, str]) -> None:
    registry = load_registry(ALL_PACKS)
    assert _names(pages, "elements") == set(registry.elements)
    assert _names(pages, "codes") == set(registry.codes)


def test_every_issue_type_has_a_page(pages: dict[str, str]) -> None:
    assert _names(pages, "issues") == set(issue_types())


def test_every_connector_format_and_function_has_a_page(pages: dict[str, str]) -> None:
    assert _names(pages, "connectors") == set(connector_models()) >= {"files", "database", "ckan"}
    assert _names(pages, "formats") == set(format_models()) >= {"csv", "xlsx"}
    assert _names(pages, "functions") == set(function_names()) >= {"aqi_hourly", "aqi_daily"}


def test_every_command_has_a_page_with_all_its_options(pages: dict[str, str]) -> None:
    run = get_command(app).commands["run"]  # type: ignore[attr-defined]
    assert {"run", "lint", "quarantine-list", "state-set", "elements-show"} <= _names(pages, "commands")
    options = {name for each in run.params for name in each.opts}
    assert {name for name in options - {"--help"} if f"`{name}`" not in pages["reference/commands/run.md"]} == set()


def test_an_element_page_names_what_the_declaration_says(pages: dict[str, str]) -> None:
    page = pages["reference/elements/traffic.mean_speed.md"]
    assert all(word in page for word in ("`mean_speed_kmh`", "`km/h`", "traffic.detector_flow"))


def test_every_room_of_the_code_has_a_page(pages: dict[str, str]) -> None:
    assert {"citylake", "pipelines-pull", "quality-rules", "schemas-model"} <= _names(pages, "api")
    assert "::: citylake.pipelines.commit.commit_batch" in pages["reference/api/pipelines-commit.md"]


class Base(BaseModel):
    """A model."""

    path: str
    """Where it is, with a | in it."""


class Derived(Base):
    """A model of a model."""

    kind: Literal["a", "b"] = "a"
    limit: int | None = None
    """At most, s."""


def test_settings_are_listed_with_type_default_and_meaning() -> None:
    assert settings_table(Derived).splitlines()[2:] == [
        r"| `path` | `str` | required | Where it is, with a \| in it. |",
        "| `kind` | `Literal['a', 'b']` | `a` |  |",
        r"| `limit` | `int \| None` |  | At most, s. |",
    ]
    assert field_docstrings(Derived)["limit"] == "At most, s."


@pytest.mark.parametrize(
    ("annotation", "text"),
    [(str, "str"), (int | None, "int | None"), (Base, "Base"), (tuple[Base, ...], "tuple[Base, ...]")],
)
def test_a_type_is_shown_without_its_module(annotation: object, text: str) -> None:
    assert type_text(annotation) == text


def test_text_of_a_declaration_cannot_change_the_page() -> None:
    assert escape_text("a <b>|*c*\nd") == r"a \<b\>\|\*c\* d"
    assert markdown_table(("a", "b"), []) == ""
