"""A task's documentation in Airflow, in Chinese and English."""

from __future__ import annotations

from citylake.dags.dag_notes import NOTE_LANGUAGES
from citylake.schemas.model.contract import Contract
from citylake.schemas.model.mart import Mart
from citylake.schemas.words.message_catalogue import translate_key


def step_note(step: str, contract: Contract) -> str:
    """Markdown on one step of a dataset."""
    return "\n\n".join(
        translate_key(f"tasks.{step}", language, **_values(contract, language)) for language in NOTE_LANGUAGES
    )


def build_note(mart: Mart) -> str:
    """Markdown on the build of a mart."""
    return "\n\n".join(
        translate_key("tasks.build", language, title=mart.title.say(language)) for language in NOTE_LANGUAGES
    )


def _values(contract: Contract, language: str) -> dict[str, str | int]:
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
