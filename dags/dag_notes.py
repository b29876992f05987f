"""Documentation of DAGs and tasks in Airflow, from the declaration's own texts, in Chinese and English."""

from __future__ import annotations

from collections.abc import Iterable

from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.mart import Mart
from citylake.schemas.read.registry import Registry
from citylake.schemas.words.message_catalogue import translate_key

NOTE_LANGUAGES = ("zh", "en")


def dataset_note(contract: Contract, registry: Registry) -> str:
    """Markdown: title, description, owner, and a table of fields, in both languages."""
    return "\n\n".join(_dataset(contract, registry, language) for language in NOTE_LANGUAGES)


def mart_note(mart: Mart, inputs: Iterable[str], registry: Registry) -> str:
    """Markdown: title, audience, tables and the datasets that it reads, in both languages."""
    read = tuple(inputs)
    return "\n\n".join(_mart(mart, read, registry, language) for language in NOTE_LANGUAGES)


def dag_note(name: str) -> str:
    """Markdown: what a DAG without a dataset does, in both languages."""
    return "\n\n".join(translate_key(name, language) for language in NOTE_LANGUAGES)


def step_note(step: str, contract: Contract) -> str:
    """Markdown on one step of a dataset."""
    return "\n\n".join(
        translate_key(f"tasks.{step}", language, **_step_values(contract, language)) for language in NOTE_LANGUAGES
    )


def build_note(mart: Mart) -> str:
    """Markdown on the build of a mart."""
    return "\n\n".join(
        translate_key("tasks.build", language, title=mart.title.say(language)) for language in NOTE_LANGUAGES
    )


def _dataset(contract: Contract, registry: Registry, language: str) -> str:
    steward = f" ({contract.owner.steward})" if contract.owner.steward else ""
    lines = [f"### {contract.title.say(language)}"]
    if contract.description:
        lines += ["", contract.description.say(language)]
    lines += ["", f"{translate_key('dags.owner', language)}: {contract.owner.department}{steward}", ""]
    lines += _table((translate_key("dags.column", language), translate_key("dags.meaning", language)))
    lines += [
        f"| `{column}` | {registry.elements[element].name.say(language)} |"
        for column, element in registry.columns(contract).items()
    ]
    return "\n".join(lines)


def _mart(mart: Mart, inputs: Iterable[str], registry: Registry, language: str) -> str:
    lines = [
        f"### {mart.title.say(language)}",
        "",
        f"{translate_key('dags.audience', language)}: {mart.audience.say(language)}",
    ]
    lines += ["", *_table((translate_key("dags.table", language), translate_key("dags.meaning", language)))]
    lines += [f"| `{name}` | {table.title.say(language)} |" for name, table in mart.tables.items()]
    lines += ["", f"{translate_key('dags.reads', language)}:", ""]
    lines += [f"- `{dataset}` {_title(dataset, registry).say(language)}" for dataset in inputs]
    return "\n".join(lines)


def _title(dataset: str, registry: Registry) -> LocalizedText:
    return registry.contracts[dataset].title


def _table(headings: Iterable[str]) -> list[str]:
    row = " | ".join(headings)
    return [f"| {row} |", "|" + " --- |" * (row.count(" | ") + 1)]


def _step_values(contract: Contract, language: str) -> dict[str, str | int]:
    none = translate_key("tasks.none", language)
    layout = getattr(contract.source, "format", None)
    return {
        "connector": contract.source.connector,
        "late_days": contract.schedule.late_days if contract.schedule else 0,
        "format": layout.type if layout else none,
        "fields": len(contract.fields),
        "rules": len(contract.rules),
        "expect": ", ".join(sorted(contract.expect.model_fields_set)) or none,
        "mode": contract.write.mode,
        "keys": ", ".join(contract.write.key) or none,
    }
