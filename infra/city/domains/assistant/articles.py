"""The knowledge base: one JSON object an article, with Chinese dates; some articles end within the period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.generate.json_lines import write_json_lines
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

TOPICS = ("市容环境", "积水排水", "供水供电", "物业管理", "政务咨询")
_SUBJECTS = ("办理材料", "办理地点", "办理时限", "收费标准", "咨询电话", "投诉方式", "适用范围", "进度查询")
_FILE = "knowledge.jsonl"


@dataclass(frozen=True, slots=True)
class Article:
    """An article as the office wrote it; ``ends`` is the first day on which it is no longer in force."""

    number: str
    topic: str
    title: str
    begins: date
    ends: date | None


def city_articles(city: City) -> list[Article]:
    """Every article of the knowledge base, the same for all datasets."""
    rng = city.random("articles")
    return [
        _article(rng, city, f"ZS{topic:02d}{subject:03d}", TOPICS[topic], _SUBJECTS[subject])
        for topic in range(len(TOPICS))
        for subject in range(len(_SUBJECTS))
    ]


def _article(rng: Random, city: City, number: str, topic: str, subject: str) -> Article:
    begins = city.start - timedelta(days=rng.randint(30, 400))
    ends = city.start + timedelta(days=rng.randint(2, city.days)) if rng.random() < 0.2 else None
    return Article(number, topic, f"{topic}事项的{subject}", begins, ends)


def generate_articles(city: City) -> PlantedBatch:
    """The articles, one row each."""
    batch = PlantedBatch("government.knowledge_articles", ("zsbh", "sxrq", "ssfl"), city.random("knowledge"))
    for each in city_articles(city):
        batch.add(_FILE, _fields(each))
    batch.plant("a date that is none", "TIME_UNREADABLE", 1, replace_field("sxrq", "2026年2月30日"))
    batch.plant("a topic that no list has", "CODE_UNKNOWN", 2, replace_field("ssfl", "其他事项"))
    batch.plant("it ends before it begins", "ARTICLE_ENDS_BEFORE_IT_BEGINS", 2, replace_field("sxzz", "2020年01月01日"))
    batch.repeat(2)
    return batch


def write_articles(batch: PlantedBatch, folder: Path) -> None:
    """Write one JSON object a line."""
    write_json_lines(folder / "files/assistant" / _FILE, batch.of(_FILE))


def _fields(article: Article) -> RecordFields:
    return {
        "zsbh": article.number,
        "bzw": article.title,
        "ssfl": article.topic,
        "sxrq": f"{article.begins:%Y年%m月%d日}",
        "sxzz": f"{article.ends:%Y年%m月%d日}" if article.ends else "长期",
    }
