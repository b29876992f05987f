"""``_mart``, the passport of a published file: for whom it is, who answers for it, where it comes from; and gaps."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version as installed_version
from typing import Final

from citylake.pipelines.marts.explain.file_facts import FileFacts
from citylake.pipelines.marts.explain.info_table import OUT, write_info_table
from citylake.pipelines.marts.gate.allowances import read_allowances
from citylake.pipelines.marts.make.mart_engine import sql_identifier
from citylake.pipelines.marts.meaning.declared_facts import facts_of_table
from citylake.pipelines.marts.meaning.stored_meaning import meaning_json
from citylake.schemas.base.declaration import LocalizedText
from citylake.schemas.model.sharing import Sharing
from citylake.schemas.read.sharing_class import dataset_sharing
from citylake.schemas.words.message_catalogue import translations_of

INFO_TABLE: Final = "_mart"
INCOMPLETE_TABLE: Final = "_incomplete"
_SHAPE: Final = {
    "mart": "VARCHAR", "title_zh": "VARCHAR", "title_en": "VARCHAR", "version": "VARCHAR", "built_at": "TIMESTAMPTZ",
    "inputs": "MAP(VARCHAR, BIGINT)", "editions": "VARCHAR[]", "fingerprint": "VARCHAR", "allowed": "VARCHAR[]",
    "meaning": "VARCHAR", "description_zh": "VARCHAR", "description_en": "VARCHAR", "audience_zh": "VARCHAR",
    "audience_en": "VARCHAR", "owner": "VARCHAR", "steward": "VARCHAR", "ask_zh": "VARCHAR", "ask_en": "VARCHAR",
    "time_zone": "VARCHAR", "citylake": "VARCHAR", "highest_grade": "VARCHAR", "highest_openness": "VARCHAR",
    "highest_personal": "VARCHAR", "complete": "BOOLEAN", "waiting_days": "DATE[]", "sharing": "VARCHAR",
    "condition_zh": "VARCHAR", "condition_en": "VARCHAR", "agreements": "MAP(VARCHAR, VARCHAR)",
    "licence_zh": "VARCHAR", "licence_en": "VARCHAR",
}  # fmt: skip
_GAPS: Final = {"department": "VARCHAR", "dataset": "VARCHAR", "day_from": "DATE", "day_to": "DATE"}


def write_passport(facts: FileFacts) -> None:
    """Write ``_mart``, one row, and ``_incomplete``: spans of days for which a department delivered no rows."""
    write_info_table(facts.connection, (INFO_TABLE,), _SHAPE, [list(_row(facts))], "mart")
    gaps = [(gap.department, gap.dataset, *span) for gap in facts.built.gaps for span in gap.days]
    write_info_table(facts.connection, (INCOMPLETE_TABLE,), _GAPS, gaps, "incomplete")


def _row(facts: FileFacts) -> Iterator[object]:
    mart, built, highest = facts.mart, facts.built, facts.mart.highest
    yield from (mart.mart, mart.title.zh, mart.title.en, facts.version, facts.at)
    yield from (dict(sorted(built.inputs.items())), _editions(facts), built.fingerprint, list(_allowed(facts)))
    yield meaning_json({name: facts_of_table((name,), mart, facts.registry) for name in mart.tables})
    yield from _both(mart.description)
    yield from _both(mart.audience)
    yield from (mart.owner.department, mart.owner.steward) if mart.owner else (None, None)
    yield from _both(_whom_to_ask(facts))
    yield from (facts.registry.workspace.settings.timezone, installed_version("citylake"))
    yield from (highest.grade, highest.openness, highest.personal)
    yield from (not built.gaps and not built.held, sorted(built.held))
    sharing = _strictest_sharing(facts)
    yield sharing.sharing_class if sharing else None
    yield from _both(sharing.condition if sharing else None)
    yield dict(sorted(mart.agreement.items()))
    yield from _both(mart.licence)


def _both(text: LocalizedText | None) -> tuple[str | None, str | None]:
    return (text.zh, text.en) if text else (None, None)


def _whom_to_ask(facts: FileFacts) -> LocalizedText | None:
    owner = facts.mart.owner
    if owner is None:
        return translations_of("mart_file.ask_inputs")
    key = "mart_file.ask_steward" if owner.steward else "mart_file.ask_department"
    text = translations_of(key)
    values = {"department": owner.department, "steward": owner.steward}
    return text and LocalizedText(zh=text.zh.format_map(values), en=text.en.format_map(values))


def _strictest_sharing(facts: FileFacts) -> Sharing | None:
    """The strictest sharing class of the datasets that the mart draws on; None if none is stated."""
    stated = [dataset_sharing(facts.registry.contracts[name], facts.registry) for name in sorted(facts.datasets)]
    return max((each for each in stated if each), key=lambda sharing: sharing.strictness, default=None)


def _allowed(facts: FileFacts) -> Iterator[str]:
    """What the authors of the SELECTs allow, with the reasons: ``region_day.sql:12 MEAN because …``."""
    for plan in facts.plans.values():
        for each in read_allowances(plan.sql):
            yield f"{plan.file.name}:{each.line} {each.word} because {each.why}"


def _editions(facts: FileFacts) -> list[str]:
    """Return every edition of a standard in the rows, from the columns ``…_edition``."""
    found: set[str] = set()
    for name, table in facts.mart.tables.items():
        for column in (each for each in table.columns if each.endswith("_edition")):
            sql = f"SELECT DISTINCT {sql_identifier(column)} FROM {sql_identifier(OUT, name)}"
            found |= {str(value) for (value,) in facts.connection.execute(sql).fetchall() if value is not None}
    return sorted(found)
