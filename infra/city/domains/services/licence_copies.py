"""The certificates that the commerce office relies on, as its clerks typed them: GB18030, with states of its own."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.services.certificates import Certificate, city_certificates
from citylake.infra.city.domains.services.residents import as_typed
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

COPY_HEADER = ("证照号", "证照名称", "持有人代码", "使用状态", "登记日")
COPIES_FILE = "zzfb_20260308.csv"
_WORDS = {"有效": "在用", "注销": "停用", "吊销": "停用（吊销）", "过期": "到期"}
_STALE, _KNOWN, _OWN = 0.6, 0.72, 25


def generate_copies(city: City) -> PlantedBatch:
    """Copies of most certificates of enterprises, some of them stale, and some that the library does not have."""
    batch = PlantedBatch("commerce.licence_copies", ("证照号", "证照名称"), city.random("copies"))
    issued = city_certificates(city)
    for each in issued:
        if not each.of_person and batch.rng.random() < _KNOWN:
            batch.add(COPIES_FILE, _fields(batch.rng, each, as_typed(batch.rng, each.number)))
    for number, each in enumerate(issued[:_OWN], 1):
        batch.add(COPIES_FILE, _fields(batch.rng, each, f"LHBA{number:08d}"))
    _spoil(batch)
    return batch


def write_copies_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the list as CSV."""
    text = io.StringIO(newline="")
    sheet = csv.writer(text, lineterminator="\r\n")
    sheet.writerow(COPY_HEADER)
    sheet.writerows([fields[column] for column in COPY_HEADER] for fields in batch.of(COPIES_FILE))
    (folder / "files/services" / COPIES_FILE).write_bytes(text.getvalue().encode("gb18030"))


def _fields(rng: Random, certificate: Certificate, number: str) -> RecordFields:
    """The state at the day of the copy: who does not ask again still has it in use."""
    return {
        "证照号": number,
        "证照名称": certificate.name,
        "持有人代码": certificate.holder,
        "使用状态": "在用" if rng.random() < _STALE else _WORDS[certificate.status],
        "登记日": f"{certificate.issued:%Y/%m/%d}",
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("a state that no list has", "CODE_UNKNOWN", 3, replace_field("使用状态", "补办中"))
    batch.plant("a code that is none", "VALUE_TOO_SHORT", 3, replace_field("持有人代码", "本人", "见附件"))
    batch.plant("a day that is none", "TIME_UNREADABLE", 2, replace_field("登记日", "2021/02/30"))
    batch.plant("no number", "REQUIRED_MISSING", 2, replace_field("证照号", None))
    batch.contradict(2, replace_field("登记日", "2026/01/01"))
    batch.repeat(3)
