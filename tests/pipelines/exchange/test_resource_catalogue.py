"""The workbook of the 政务信息资源目录: a row for each item, and no items of what is not shared."""

from __future__ import annotations

from pathlib import Path

import fastexcel
import polars as pl
import pytest

from citylake.pipelines.exchange.receiver import Receiver
from citylake.pipelines.exchange.resource_catalogue import COLUMNS, catalogue_rows, write_resource_catalogue
from citylake.pipelines.exchange.update_cycle import update_cycle
from tests.pipelines.exchange.conftest import ExchangeCity


def _rows(city: ExchangeCity, receiver: Receiver) -> list[dict[str, str]]:
    contracts = city.registry.contracts.values()
    return [dict(zip(COLUMNS, row, strict=True)) for row in catalogue_rows(contracts, city.registry, receiver)]


def test_each_item_has_a_row_with_its_resource(exchange_city: ExchangeCity) -> None:
    rows = {(row["数据集标识"], row["信息项标识"]): row for row in _rows(exchange_city, Receiver())}
    gender = rows["social.persons", "gender"]
    assert gender["信息资源名称"] == "参保人员"
    assert gender["信息资源提供方"] == "市人力社保局"
    assert (gender["共享类型"], gender["共享条件"]) == ("有条件共享", "仅限行政执法使用")
    assert (gender["更新周期"], gender["是否开放"], gender["值域代码集"]) == ("每日", "有条件开放", "person.gender")
    pm25 = rows["air.readings", "pm25_ugm3"]
    assert (pm25["信息项名称"], pm25["数据类型"], pm25["计量单位"]) == ("细颗粒物浓度", "数字型（小数）", "ug/m3")
    assert (pm25["共享类型"], pm25["信息资源代码"], pm25["提供方代码"]) == ("未声明", "", "")


def test_items_of_data_that_is_not_shared_are_listed_for_their_owner(exchange_city: ExchangeCity) -> None:
    (closed,) = [row for row in _rows(exchange_city, Receiver()) if row["数据集标识"] == "police.posts"]
    assert (closed["共享类型"], closed["不予共享依据"], closed["信息项名称"]) == ("不予共享", "《条例》第十条", "")
    own = [row for row in _rows(exchange_city, Receiver("市公安局")) if row["数据集标识"] == "police.posts"]
    assert [row["信息项标识"] for row in own] == ["station_code"]


def test_the_workbook_has_the_rows_and_claims_no_conformance(exchange_city: ExchangeCity, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.xlsx"
    contracts = exchange_city.registry.contracts.values()
    count = write_resource_catalogue(contracts, exchange_city.registry, Receiver(), path)
    book = fastexcel.read_excel(path)
    found = pl.DataFrame(pl.from_arrow(book.load_sheet("信息资源目录", dtypes="string").to_arrow()))
    assert (found.columns, found.height) == (list(COLUMNS), count)
    notes = pl.DataFrame(pl.from_arrow(book.load_sheet("说明", dtypes="string").to_arrow()))
    assert "不声明符合该标准" in notes["说明"].str.join("").item()


@pytest.mark.parametrize(
    ("cron", "cycle"),
    [
        ("*/5 * * * *", "continuous"),
        ("10 * * * *", "hourly"),
        ("30 1 * * *", "daily"),
        ("0 1,13 * * *", "other"),
        ("0 0 * * mon", "weekly"),
        ("0 0 * * 1-5", "other"),
        ("0 6 1 * *", "monthly"),
        ("0 6 1 1,4,7,10 *", "quarterly"),
        ("0 6 1 3 *", "yearly"),
        ("0 6 1,15 * *", "other"),
        ("0 0 29 2 1", "other"),
    ],
)
def test_a_cycle_is_named_only_if_the_schedule_says_it(cron: str, cycle: str) -> None:
    assert update_cycle(cron) == cycle
