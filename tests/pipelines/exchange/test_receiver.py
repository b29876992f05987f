"""Sharing classes, grades and reader groups decide what an export may hold, and each export of rows is on record."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import polars as pl
import pytest

from citylake.pipelines.exchange.iris import Iris
from citylake.pipelines.exchange.odcs.contract_document import dataset_document
from citylake.pipelines.exchange.receiver import EVERYBODY, Receiver, check_mart, level_text, make_receiver, parse_level
from citylake.pipelines.exchange.staged_data import StagedTable, staged_dataset, staged_mart
from citylake.schemas.model.element import Sensitivity
from citylake.schemas.model.reader_group import ReaderGroup
from citylake.schemas.words.errors import CitylakeError
from tests.pipelines.exchange.conftest import ExchangeCity

OWNER, OTHER = "市人力社保局", "市公安局"
PERSONAL = parse_level("L2/conditional/ordinary")


def _staged(city: ExchangeCity, dataset: str, receiver: Receiver) -> AbstractContextManager[list[StagedTable]]:
    return staged_dataset(city.request(receiver), city.registry.contracts[dataset])


def _refusal(city: ExchangeCity, dataset: str, receiver: Receiver) -> str:
    with pytest.raises(CitylakeError) as raised, _staged(city, dataset, receiver):
        pass
    return raised.value.code


def test_data_that_is_not_shared_goes_to_its_department_alone(exchange_city: ExchangeCity) -> None:
    assert _refusal(exchange_city, "police.posts", Receiver()) == "EXPORT_NOT_SHARED"
    assert _refusal(exchange_city, "police.posts", Receiver(OWNER, "协议一号")) == "EXPORT_NOT_SHARED"
    with _staged(exchange_city, "police.posts", Receiver("市公安局")) as (posts,):
        assert posts.rows == 1


def test_a_condition_needs_an_agreement_and_the_public_has_none(exchange_city: ExchangeCity) -> None:
    assert _refusal(exchange_city, "social.persons", Receiver()) == "EXPORT_NEEDS_AGREEMENT"
    assert _refusal(exchange_city, "social.persons", Receiver(OTHER)) == "EXPORT_NEEDS_AGREEMENT"
    with pytest.raises(CitylakeError) as raised:
        make_receiver(None, "协议一号", None)
    assert raised.value.code == "EXPORT_WITHOUT_RECEIVER"


def test_columns_above_what_the_receiver_may_have_are_left_out(exchange_city: ExchangeCity) -> None:
    assert _refusal(exchange_city, "social.persons", Receiver(OTHER, "协议一号")) == "EXPORT_NOTHING_LEFT"
    low = Receiver(OTHER, "协议一号", parse_level("L2/conditional/ordinary"))
    with _staged(exchange_city, "social.persons", low) as (persons,):
        assert [each.name for each in persons.described.columns] == ["certificate_no", "person_name", "gender"]
        assert persons.described.left_out == ()
    open_only = Receiver(OTHER, "协议一号", parse_level("L1/conditional/ordinary"))
    assert _refusal(exchange_city, "social.persons", open_only) == "EXPORT_NOTHING_LEFT"


def test_a_key_that_lost_a_column_is_none(exchange_city: ExchangeCity) -> None:
    registry = exchange_city.registry
    open_gender = registry.elements["person.gender"].model_copy(update={"sensitivity": Sensitivity()})
    changed = ExchangeCity(
        exchange_city.root,
        type(registry)(**{**_fields(registry), "elements": {**registry.elements, "person.gender": open_gender}}),
        exchange_city.lake,
    )
    with _staged(changed, "social.persons", Receiver(OTHER, "协议一号")) as (persons,):
        assert [each.name for each in persons.described.columns] == ["gender"]
        assert persons.described.left_out == ("certificate_no", "person_name")
        assert persons.described.key == ()
        assert pl.read_parquet(persons.file).columns == ["gender"]


def _fields(registry: Any) -> dict[str, Any]:
    return {name: getattr(registry, name) for name in registry.__dataclass_fields__}


def test_tokens_and_masks_leave_as_they_are_also_to_the_owner(exchange_city: ExchangeCity) -> None:
    with _staged(exchange_city, "social.persons", Receiver(OWNER)) as (persons,):
        rows = pl.read_parquet(persons.file)
        assert rows["certificate_no"].str.starts_with("t1.").all()
        assert not rows["person_name"].is_in(["王小明", "李华"]).any()
        assert {each.name: each.protection for each in persons.described.columns} == {
            "certificate_no": "token",
            "person_name": "mask",
            "gender": "none",
        }


def test_every_export_of_rows_is_on_record_also_a_refused_one(exchange_city: ExchangeCity) -> None:
    before = len(exchange_city.accesses())
    _refusal(exchange_city, "police.posts", Receiver())
    with _staged(exchange_city, "social.persons", Receiver(OTHER, "协议二号", PERSONAL)):
        # Before anything is made of the rows.
        recorded = exchange_city.accesses()[before:]
    with staged_mart(exchange_city.request(), exchange_city.registry.marts["air"]):
        pass
    assert recorded == [
        ("police.posts", "", None, "EXPORT_NOT_SHARED"),
        ("social.persons", "协议二号", 2, "ok"),
    ]
    assert exchange_city.accesses()[-1] == ("air", "", 3, "ok")


def test_rows_that_cannot_be_recorded_do_not_leave(
    exchange_city: ExchangeCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("read-only")

    monkeypatch.setattr("citylake.pipelines.exchange.staged_data.record_access", refuse)
    assert _refusal(exchange_city, "air.readings", Receiver()) == "EXPORT_NOT_RECORDED"


def test_a_mart_goes_to_its_readers_and_not_below_its_highest(exchange_city: ExchangeCity) -> None:
    registry = exchange_city.registry
    mart = registry.marts["air"]
    check_mart(mart, registry, Receiver())
    personal = mart.model_copy(update={"highest": Sensitivity(grade="L3", openness="conditional", personal="ordinary")})
    for receiver in (Receiver(), Receiver(OTHER)):
        with pytest.raises(CitylakeError, match="L3/conditional/ordinary"):
            check_mart(personal, registry, receiver)
    check_mart(personal, registry, Receiver(OTHER, highest=parse_level("L3/conditional/ordinary")))
    check_mart(personal, registry, Receiver("生态环境局"))
    registry.workspace.settings.readers["own"] = ReaderGroup(mode="0750", departments=("生态环境局",))
    try:
        own = mart.model_copy(update={"readers": "own"})
        with pytest.raises(CitylakeError) as raised:
            check_mart(own, registry, Receiver(OTHER))
        assert raised.value.code == "EXPORT_NOT_A_READER"
        check_mart(own, registry, Receiver("生态环境局"))
    finally:
        del registry.workspace.settings.readers["own"]


def test_schema_facts_of_closed_data_are_told_to_their_owner(exchange_city: ExchangeCity) -> None:
    def told(dataset: str, receiver: Receiver) -> tuple[bool, bool, bool]:
        contract = exchange_city.registry.contracts[dataset]
        document = dataset_document(contract, exchange_city.registry, receiver, Iris(), "lake")
        names = {each["property"] for each in document.get("customProperties", ())}
        return "schema" in document, "citylakeContract" in names, "servers" in document

    assert told("police.posts", Receiver(OWNER)) == (False, False, False)
    assert told("police.posts", Receiver("市公安局")) == (True, True, True)
    assert told("social.persons", Receiver()) == (True, False, False)
    assert told("social.persons", Receiver(OWNER)) == (True, True, True)
    assert told("air.readings", Receiver()) == (True, True, True)
    assert told("air.readings", Receiver(source=False)) == (True, False, False)


def test_the_existence_of_important_data_is_told_to_its_owner(exchange_city: ExchangeCity) -> None:
    registry = exchange_city.registry
    important = registry.elements["air.pm25"].model_copy(update={"sensitivity": Sensitivity(grade="important")})
    changed = type(registry)(**{**_fields(registry), "elements": {**registry.elements, "air.pm25": important}})
    contract = registry.contracts["air.readings"]
    for receiver, known in ((Receiver(), False), (Receiver("生态环境局"), True)):
        document = dataset_document(contract, changed, receiver, Iris())
        assert ("pm25_ugm3" in str(document)) == known
        assert ("pm25" in str(document)) == known


def test_a_level_is_written_as_it_is_read() -> None:
    assert parse_level(level_text(EVERYBODY)) == EVERYBODY
    with pytest.raises(CitylakeError) as raised:
        parse_level("L9/open/none")
    assert raised.value.code == "EXPORT_LEVEL_UNREADABLE"
