"""The pages' declarations are read by the code that they describe."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter
from typer.main import get_command

from citylake.infra.city.city_model import City
from citylake.infra.city.generate import generate_city
from citylake.pipelines.cli.typer_app import app
from citylake.pipelines.lake.ledger.ledger_store import LEDGER_TABLES
from citylake.schemas.base.yaml_reader import read_yaml
from citylake.schemas.model.binding import Binding
from citylake.schemas.model.calendar_file import CalendarFile
from citylake.schemas.model.contract import Contract, WriteSettings
from citylake.schemas.model.delivery import Delivery
from citylake.schemas.model.expectations import MartExpectations
from citylake.schemas.model.extension_registry import extension_names
from citylake.schemas.model.mart import Mart
from citylake.schemas.model.sensor_rules import ValuePair
from citylake.schemas.model.source import Source
from citylake.schemas.read.workspace import UpkeepSettings

ROOT = Path(__file__).parents[1]
PAGES = (
    "README.md",
    "README.zh-CN.md",
    *(f"docs/{name}.md" for name in ("contract", "deliveries", "sources", "device-messages", "production")),
)


def _blocks() -> list[Any]:
    texts = {page: (ROOT / page).read_text(encoding="utf-8") for page in PAGES}
    return [
        pytest.param(block, id=f"{page}-{number}")
        for page, text in texts.items()
        for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", text, re.DOTALL))
    ]


@pytest.mark.parametrize("block", _blocks())
def test_every_declaration_on_a_page_is_valid(block: str, tmp_path: Path) -> None:
    path = tmp_path / "page.yaml"
    path.write_text(block, encoding="utf-8")
    _validate(read_yaml(path))


def _validate(block: Any) -> None:
    if isinstance(block, list):
        TypeAdapter(list[ValuePair]).validate_python(block)
    elif "holidays" in block:
        CalendarFile.model_validate(block)
    elif "totals" in block.get("expect", {}):
        MartExpectations.model_validate(block["expect"])
    elif "delivery" in block:
        Delivery.model_validate(block)
    elif "mart" in block:
        Mart.model_validate(block)
    elif "connector" in block:
        TypeAdapter(Source).validate_python(block)
    else:
        Contract.model_validate(_whole(block))


def _whole(part: dict[str, Any]) -> dict[str, Any]:
    rest = {
        "dataset": "page.example",
        "title": {"zh": "例", "en": "example"},
        "owner": {"department": "市数据局"},
        "source": {"connector": "files", "path": "x.csv", "format": "csv"},
        "fields": {"a": {"element": "page.element"}},
        "write": {"mode": "append"},
    }
    return rest | part


def _words(section: str) -> set[str]:
    page = (ROOT / "docs/contract.md").read_text()
    table = page.split(section, 1)[1].split("\n## ", 1)[0]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {word for row in rows for word in re.findall(r"`(\w+)`", row)}


def test_the_page_explains_every_word_of_a_binding() -> None:
    names = {field.alias or name for name, field in Binding.model_fields.items()}
    assert _words("## `fields`") == names


def test_the_page_explains_every_format() -> None:
    assert _words("## `source`") == set(extension_names("citylake.formats"))


def test_the_page_explains_every_connector() -> None:
    page = (ROOT / "docs/sources.md").read_text(encoding="utf-8")
    named = re.findall(r"^\| `(\w+)` \|", page.split("\n## ", 1)[0], re.MULTILINE)
    assert set(named) == set(extension_names("citylake.connectors"))


def test_the_page_explains_every_way_to_write() -> None:
    assert _words("## `write`") == set(get_args(WriteSettings.model_fields["mode"].annotation))


def test_the_page_names_every_table_and_column_of_the_ledger() -> None:
    page = (ROOT / "docs/lake.md").read_text(encoding="utf-8")
    rows = {row[0]: row[1] for row in re.findall(r"^\| `(\w+)` \| .* \| (`.*`) \|$", page, re.MULTILINE)}
    told = {table: re.findall(r"`(\w+)`", columns) for table, columns in rows.items()}
    assert told == {table: module.SCHEMA.names() for table, module in LEDGER_TABLES.items()}


def test_the_page_tells_what_upkeep_keeps_where_nobody_says_otherwise(tmp_path: Path) -> None:
    page = (ROOT / "docs/upkeep.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (tmp_path / "workspace.yaml").write_text(block, encoding="utf-8")
    assert read_yaml(tmp_path / "workspace.yaml")["upkeep"] == UpkeepSettings().model_dump()


def _said() -> list[str]:
    text = "".join((ROOT / page).read_text(encoding="utf-8") for page in (*PAGES, "docs/upkeep.md"))
    blocks = "".join(re.findall(r"```sh\n(.*?)```", text, re.DOTALL))
    return sorted({line.partition("  #")[0].strip() for line in blocks.splitlines() if line.startswith("citylake ")})


@pytest.mark.parametrize("line", _said())
def test_every_command_on_a_page_is_one_that_citylake_takes(line: str) -> None:
    command: Any = get_command(app)
    words = shlex.split(line)[1:]
    while hasattr(command, "commands"):
        command = command.commands[words.pop(0)]
    command.make_context(command.name, words)


def _shown(page: str) -> dict[str, list[int]]:
    """Rows in, standard, quarantined, duplicate and superseded by dataset, as the page shows them."""
    text = (ROOT / page).read_text("utf-8")
    rows = re.findall(r"^(\w+\.\w+) +\S+ +([\d,]+(?: +[\d,]+){4})$", text, re.MULTILINE)
    return {name: [int(count.replace(",", "")) for count in counts.split()] for name, counts in rows}


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md"])
def test_the_output_on_the_page_is_that_of_the_city(page: str, tmp_path: Path) -> None:
    truth = generate_city(tmp_path, City())["datasets"]
    shown = _shown(page)
    assert {name: counts[0] for name, counts in shown.items()} == {name: told["rows"] for name, told in truth.items()}
    # The last count is of rows that newer ones have replaced.
    assert all(counts[0] == sum(counts[1:4]) for counts in shown.values())
