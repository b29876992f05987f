"""``docs/whitepaper.md`` and its Chinese version, made from the systems and the declarations that they name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from citylake.infra.city.whitepaper.paper_system import WHITEPAPER_WORKSPACE, PaperSystem, paper_systems
from citylake.schemas.model.mart import MartQuestion
from citylake.schemas.read.registry import Registry, load_registry
from citylake.schemas.words.message_catalogue import translations_of

PAGES: Final = {"en": "whitepaper.md", "zh": "whitepaper.zh-CN.md"}
_DOCS: Final = Path(__file__).resolve().parents[3] / "docs"


def whitepaper_page(language: str) -> str:
    """The page in ``language`` (``zh`` or ``en``)."""
    registry, systems = load_registry(WHITEPAPER_WORKSPACE), paper_systems()
    return "\n".join(_lines(registry, systems, language)) + "\n"


def write_whitepaper_pages(folder: Path = _DOCS) -> None:
    """Write both pages into ``folder``."""
    for language, name in PAGES.items():
        (folder / name).write_text(whitepaper_page(language), encoding="utf-8")


def _say(key: str, language: str, **values: object) -> str:
    text = translations_of(f"whitepaper.{key}")
    assert text is not None, key
    return text.say(language).format_map(values)


def _lines(registry: Registry, systems: list[PaperSystem], language: str) -> Iterator[str]:
    yield f"# {_say('page_title', language)}"
    yield from ("", _say("page_intro", language, systems=len(systems)), "", "```sh", "make whitepaper", "```", "")
    heads = [_say(f"page_{name}", language) for name in ("row", "paper", "system", "mart")]
    yield from (f"| {' | '.join(heads)} |", "| --- | --- | --- | --- |")
    for each in systems:
        paper, link = _sentence(each.paper.say(language)), f"[{each.system}](#{each.system})"
        yield f"| {each.row} | {paper} | {link} | `{each.mart}` |"
    for each in systems:
        yield from _system(each, registry, language)


def _system(system: PaperSystem, registry: Registry, language: str) -> Iterator[str]:
    mart = registry.marts[system.mart]
    datasets = (
        f"`{name}`({registry.contracts[name].owner.department})"
        if language == "zh"
        else f"`{name}` ({registry.contracts[name].owner.department})"
        for name in system.datasets
    )
    yield from (
        "",
        f"## {system.system}",
        "",
        f"**{_sentence(mart.title.say(language))}**{_stop(language)} {system.shown.say(language)}",
    )
    yield from ("", f"- {_say('page_datasets', language)}{', '.join(datasets)}")
    packs = ", ".join(f"`{name}`" for name in system.packs)
    page = f"lake-whitepaper/reports/{language}/marts/{system.mart}.html"
    yield f"- {_say('page_packs', language)}{packs}{_stop(language)} {_say('page_report', language)}`{page}`"
    yield f"- {_say('page_needed', language)}{system.needed.say(language)}"
    yield from ("", *_question(next(each for each in mart.questions if each.id == system.question), language))


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _stop(language: str) -> str:
    return "。" if language == "zh" else "."


def _question(question: MartQuestion, language: str) -> Iterator[str]:
    yield from (question.text.say(language), "", "```sql")
    yield from (*question.sql.strip().splitlines(), "```")
