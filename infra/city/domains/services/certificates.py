"""The library of electronic certificates: one JSON document a line, of enterprises and of persons."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random

from citylake.infra.city.city_model import City
from citylake.infra.city.domains.services.residents import city_residents
from citylake.infra.city.generate.firms import city_firms
from citylake.infra.city.generate.json_lines import write_json_lines
from citylake.infra.city.generate.plant_faults import PlantedBatch, RecordFields, replace_field
from citylake.infra.city.generate.uscc import spoil_check_digit

CERTIFICATES_FILE = "dzzz_20260308.jsonl"
_KINDS = (
    ("JY", "食品经营许可证", "市市场监督管理局"),
    ("YS", "道路运输经营许可证", "市交通运输局"),
    ("WS", "公共场所卫生许可证", "市卫生健康委员会"),
)
_PERSONAL = ("CY", "道路运输从业资格证", "市交通运输局")


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate as its office issued it; ``holder`` is the USCC of an enterprise or the number of a person."""

    number: str
    name: str
    office: str
    holder: str
    of_person: bool
    issued: date
    expires: date
    status: str


def city_certificates(city: City) -> list[Certificate]:
    """The certificates of two of five enterprises, and of one person in six."""
    rng, found = city.random("certificates/true"), []
    holders = [(firm.uscc, False) for firm in city_firms(city) if firm.number % 5 < 2]
    holders += [(person.number, True) for person in city_residents(city)[::6]]
    for number, (holder, of_person) in enumerate(holders, 1):
        code, name, office = _PERSONAL if of_person else rng.choice(_KINDS)
        expires = city.start + timedelta(days=rng.randint(-120, 1700))
        status = "过期" if expires < city.start else rng.choices(("有效", "注销", "吊销"), (0.93, 0.05, 0.02))[0]
        issued = expires - timedelta(days=5 * 365)
        found.append(Certificate(f"LH{code}{number:08d}", name, office, holder, of_person, issued, expires, status))
    return found


def generate_certificates(city: City) -> PlantedBatch:
    """The library of the city's last day."""
    batch = PlantedBatch("government.certificates", ("certNo", "certName"), city.random("certificates"))
    for each in city_certificates(city):
        batch.add(CERTIFICATES_FILE, _fields(each))
    _spoil(batch)
    return batch


def write_certificates_file(batch: PlantedBatch, folder: Path) -> None:
    """Write one document a line."""
    write_json_lines(folder / "files/services" / CERTIFICATES_FILE, batch.of(CERTIFICATES_FILE))


def _fields(certificate: Certificate) -> RecordFields:
    return {
        "certNo": certificate.number,
        "certName": certificate.name,
        "issuer": certificate.office,
        "holderCode": None if certificate.of_person else certificate.holder,
        "holderId": certificate.holder if certificate.of_person else None,
        "issued": f"{certificate.issued:%Y-%m-%d}",
        "expires": f"{certificate.expires:%Y-%m-%d}",
        "state": certificate.status,
    }


def _spoil(batch: PlantedBatch) -> None:
    batch.plant("no holder", "LICENCE_WITHOUT_HOLDER", 4, _nobody)
    batch.plant("it ends before it begins", "LICENCE_ENDS_BEFORE_ISSUE", 4, replace_field("expires", "2015-01-01"))
    batch.plant("a state that no list has", "CODE_UNKNOWN", 3, replace_field("state", "待制证", "?"))
    batch.plant("a day that is none", "TIME_UNREADABLE", 3, replace_field("issued", "2021-02-30"))
    batch.plant("no number", "REQUIRED_MISSING", 2, replace_field("certNo", None))
    batch.contradict(3, replace_field("issuer", "市行政审批局"))
    batch.repeat(4)
    firms = [record for record in batch.records if record.fields["holderCode"] and not record.spoiled]
    for record in batch.rng.sample(firms, 3):
        record.fields["holderCode"] = spoil_check_digit(record.fields["holderCode"] or "")
        batch.note("a wrong check digit", "CHECK_DIGIT_WRONG", record)


def _nobody(fields: RecordFields, _: Random) -> None:
    fields["holderCode"], fields["holderId"] = None, None
