"""Dialogues with the assistant: tab-separated GB18030, epoch milliseconds, seconds; more of them when it rains."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.districts import DISTRICTS, District
from citylake.infra.city.domains.assistant.articles import Article, city_articles
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, poisson_number, replace_field

DATASET = "government.assistant_dialogues"
_HEADER = ("会话编号", "提问时间", "所属区", "引用条目", "结果", "耗时(秒)")
_ZONE = timezone(timedelta(hours=8))


def generate_dialogues(city: City) -> PlantedBatch:
    """One row a dialogue, one file a month."""
    batch = PlantedBatch(DATASET, ("会话编号", "提问时间", "所属区"), city.random("dialogues"))
    articles = city_articles(city)
    for hour in range(city.hours):
        for district in DISTRICTS:
            for _ in range(poisson_number(batch.rng, _rate(city, district, hour))):
                _add(batch, city, hour, district, batch.rng.choice(articles))
    _spoil(batch)
    return batch


def write_dialogues(batch: PlantedBatch, folder: Path) -> None:
    """Write one file a month."""
    for name, records in batch.by_source().items():
        text = io.StringIO(newline="")
        sheet = csv.writer(text, delimiter="\t", lineterminator="\r\n")
        sheet.writerow(_HEADER)
        sheet.writerows([fields[column] for column in _HEADER] for fields in records)
        (folder / "files/assistant" / name).write_text(text.getvalue(), encoding="gb18030", newline="")


def stale_answers(city: City, batches: Mapping[str, PlantedBatch]) -> int:
    """The answers that cite an article after its last day; articles whose row is refused are not known."""
    ends = {each.number: each.ends for each in city_articles(city)}
    known = {each.fields["zsbh"] for each in batches["government.knowledge_articles"].records if each.good}
    return sum(
        _is_stale(each.fields, ends) and each.fields["引用条目"] in known
        for each in batches[DATASET].records
        if each.good
    )


def _is_stale(fields: RecordFields, ends: Mapping[str, date | None]) -> bool:
    end = ends.get(fields["引用条目"] or "")
    return fields["结果"] == "已答复" and end is not None and _day(fields) >= end


def _day(fields: RecordFields) -> date:
    return datetime.fromtimestamp(int(fields["提问时间"] or 0) / 1000, _ZONE).date()


def _rate(city: City, district: District, hour: int) -> float:
    open_hours = 1.0 if 8 <= city.at(hour).hour < 20 else 0.15
    return 2.0 * open_hours * district.bustle * (1 + city.recent_rain_mm(district, hour) / 20)


def _add(batch: PlantedBatch, city: City, hour: int, district: District, article: Article) -> None:
    rng = batch.rng
    asked = city.at(hour).replace(tzinfo=_ZONE) + timedelta(milliseconds=rng.randrange(3_600_000))
    outcome = rng.choices(("已答复", "转人工", "放弃"), (8, 1.5, 0.5))[0]
    batch.add(f"dialogues_{asked:%Y%m}.tsv", _fields(rng, batch, asked, district, article, outcome))


def _fields(
    rng: Random, batch: PlantedBatch, asked: datetime, district: District, article: Article, outcome: str
) -> RecordFields:
    return {
        "会话编号": f"HH{asked:%y%m%d}{len(batch.records):05d}",
        "提问时间": f"{asked.timestamp() * 1000:.0f}",
        "所属区": rng.choice((district.name, district.short)),
        "引用条目": article.number if outcome == "已答复" else "无",
        "结果": outcome,
        "耗时(秒)": f"{rng.lognormvariate(0.3, 0.6):.3f}",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("an answer from nowhere", "ANSWER_WITHOUT_ARTICLE", 5, _without_article)
    batch.plant("no number", "REQUIRED_MISSING", 3, replace_field("会话编号", None))
    batch.plant("seconds for milliseconds", "EPOCH_IMPLAUSIBLE", 3, replace_field("提问时间", "0", "-1"))
    batch.plant("an outcome that no list has", "CODE_UNKNOWN", 4, replace_field("结果", "已读", "超时"))
    batch.contradict(3, replace_field("耗时(秒)", "59.5"))
    batch.repeat(4)


def _without_article(fields: RecordFields, _: Random) -> None:
    fields["结果"], fields["引用条目"] = "已答复", "无"
