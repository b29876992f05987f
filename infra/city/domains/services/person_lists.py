"""Two offices' lists of persons: users of the portal by their home, holders of cards by where they live now."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.services.residents import Resident, as_typed, city_residents
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field

APPLICANTS_FILE, HOLDERS_FILE = "yh_20260308.csv", "sbk_20260308.txt"
APPLICANT_HEADER = ("用户号", "姓名", "证件号", "户籍区", "实名等级")
HOLDER_HEADER = ("KH", "XM", "ZJHM", "XZQH", "FKRQ")
_USES_PORTAL, _HAS_CARD = 0.62, 0.83


def generate_applicants(city: City) -> PlantedBatch:
    """Users of the portal, with the number as they typed it and the district of their registration."""
    batch = PlantedBatch("government.portal_users", ("用户号", "户籍区"), city.random("applicants"))
    for number, person in _some(city, "uses", _USES_PORTAL):
        batch.add(APPLICANTS_FILE, {
            "用户号": f"U{number:07d}",
            "姓名": person.name,
            "证件号": as_typed(batch.rng, person.number),
            "户籍区": person.home.name,
            "实名等级": batch.rng.choice(("高级", "中级")),
        })  # fmt: skip
    batch.plant("a district that is not the city's", "CODE_UNKNOWN", 4, replace_field("户籍区", "外市", "不详"))
    batch.plant("no document", "REQUIRED_MISSING", 3, replace_field("证件号", None))
    batch.contradict(3, replace_field("实名等级", "初级"))
    batch.repeat(4)
    return batch


def generate_holders(city: City) -> PlantedBatch:
    """Holders of social security cards, with the district in which they live now."""
    batch = PlantedBatch("social.card_holders", ("KH", "XZQH"), city.random("holders"))
    for number, person in _some(city, "card", _HAS_CARD):
        batch.add(HOLDERS_FILE, {
            "KH": f"LHK{number:08d}",
            "XM": person.name,
            "ZJHM": person.number,
            "XZQH": person.moved_to.code,
            "FKRQ": f"20{batch.rng.randint(12, 25)}{batch.rng.randint(1, 12):02d}15",
        })  # fmt: skip
    batch.plant("a district code that no list has", "CODE_UNKNOWN", 4, replace_field("XZQH", "990199"))
    batch.plant("a day that is none", "TIME_UNREADABLE", 3, replace_field("FKRQ", "20200000"))
    batch.plant("a card before there were cards", "CARD_BEFORE_FIRST_CARDS", 3, replace_field("FKRQ", "19790115"))
    batch.contradict(3, replace_field("FKRQ", "20260105"))
    batch.repeat(4)
    return batch


def write_applicants_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the portal's export: UTF-8 with a byte order mark."""
    (folder / "files/services" / APPLICANTS_FILE).write_bytes(
        _table(batch.of(APPLICANTS_FILE), APPLICANT_HEADER, ",").encode("utf-8-sig")
    )


def write_holders_file(batch: PlantedBatch, folder: Path) -> None:
    """Write the cards' export: GB18030, fields apart by tabs."""
    (folder / "files/services" / HOLDERS_FILE).write_bytes(
        _table(batch.of(HOLDERS_FILE), HOLDER_HEADER, "\t").encode("gb18030")
    )


def _some(city: City, name: str, share: float) -> Iterator[tuple[int, Resident]]:
    rng = city.random(f"residents/{name}")
    return ((number, person) for number, person in enumerate(city_residents(city), 1) if rng.random() < share)


def _table(rows: list[RecordFields], header: tuple[str, ...], sign: str) -> str:
    text = io.StringIO(newline="")
    sheet = csv.writer(text, delimiter=sign, lineterminator="\r\n")
    sheet.writerow(header)
    sheet.writerows([fields[column] for column in header] for fields in rows)
    return text.getvalue()
