"""What Airflow shows of a task: what it does with this dataset or mart, in Chinese and English."""

from __future__ import annotations

from dags.notes import LANGUAGES
from schemas.catalogue import word
from schemas.contract import Contract
from schemas.mart import Mart


def step_note(step: str, contract: Contract) -> str:
    """Markdown on one step of a dataset."""
    return "\n\n".join(word(f"tasks.{step}", language, **_values(contract, language)) for language in LANGUAGES)


def build_note(mart: Mart) -> str:
    """Markdown on the building of a mart."""
    return "\n\n".join(word("tasks.build", language, title=mart.title.say(language)) for language in LANGUAGES)


def _values(contract: Contract, language: str) -> dict[str, str | int]:
    none = word("tasks.none", language)
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
