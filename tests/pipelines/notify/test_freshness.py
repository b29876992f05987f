"""Whose data are late, told once when they become so and once when they are fresh again."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from citylake.pipelines.cli import main
from tests.trial import Trial

COUNTS = """
dataset: traffic.counts
title: {zh: 流量, en: counts}
owner: {department: 交通局, steward: a@b.org}
source: {connector: files, path: "${CITY}/*.csv", format: csv}
zone: Asia/Shanghai
fields:
  time: {element: time.hour_start, format: "%Y-%m-%d %H:%M", required: true}
  device: {element: traffic.device_code, required: true}
  flow: {element: traffic.flow}
write: {mode: upsert, key: [device_code, hour_start], partition: day(hour_start)}
expect: {freshness: 26h}
"""
LIST = """
dataset: traffic.devices
title: {zh: 设备, en: devices}
owner: {department: 交通局}
source: {connector: files, path: "${CITY}/devices.json", format: json}
fields: {device: {element: traffic.device_code, required: true}}
write: {mode: upsert, key: [device_code]}
expect: {freshness: 26h}
"""


@pytest.fixture
def lake(trial: Trial, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Trial:
    trial.declare("datasets/counts", COUNTS)
    (tmp_path / "city").mkdir()
    for name, path in {"CITYLAKE_WORKSPACE": "workspace", "CITYLAKE_LAKE": "lake", "CITY": "city"}.items():
        monkeypatch.setenv(name, str(tmp_path / path))
    trial.given["CITY"] = str(tmp_path / "city")
    return trial


def drop(lake: Trial, *hours_ago: int) -> None:
    now = datetime.now(UTC)
    times = [(now - timedelta(hours=each)).astimezone(ZoneInfo("Asia/Shanghai")) for each in hours_ago]
    rows = "".join(f"{time:%Y-%m-%d %H:00},D1,3\n" for time in times)
    (lake.root / f"city/{hours_ago[0]}.csv").write_text(f"time,device,flow\n{rows}", encoding="utf-8")
    outcome = lake.run()
    assert outcome.exit_code == 0, outcome.document


def asked(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, dict[str, Any]]:
    code = main(["freshness", "--json", *options])
    return code, {each["dataset"]: each for each in json.loads(capsys.readouterr().out)["datasets"]}


def test_data_are_as_old_as_their_newest_row(lake: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    drop(lake, 200, 30)
    code, found = asked(capsys)
    assert code == 2
    assert found["traffic.counts"]["late"]
    assert 29 < found["traffic.counts"]["age_seconds"] / 3600 < 32
    drop(lake, 5)
    assert asked(capsys)[0] == 0


def test_a_dataset_that_never_came_is_late(lake: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    code, found = asked(capsys)
    assert (code, found["traffic.counts"]["newest"], found["traffic.counts"]["late"]) == (2, None, True)


def test_where_rows_tell_no_time_the_last_answer_does(lake: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    lake.declare("datasets/devices", LIST)
    (lake.root / "city/devices.json").write_text('[{"device": "D1"}]', encoding="utf-8")
    drop(lake, 1)
    code, found = asked(capsys)
    assert (code, found["traffic.devices"]["late"]) == (0, False)
    assert found["traffic.devices"]["age_seconds"] < 600


def test_people_are_told_once_that_data_are_late_and_once_that_they_are_not(
    lake: Trial, city: Any, reply: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    city.answer = lambda asked: reply({"errcode": 0})
    monkeypatch.setenv("CITYLAKE_NOTIFY", "wecom:robot")
    monkeypatch.setenv("CITYLAKE_CONN_ROBOT", json.dumps({"uri": city.url}))
    drop(lake, 30)
    assert [asked(capsys, "--notify")[0] for _ in range(2)] == [2, 2]
    drop(lake, 1)
    assert [asked(capsys, "--notify")[0] for _ in range(2)] == [0, 0]
    late, fresh = (each.body["markdown"]["content"] for each in city.asked)
    assert "数据逾期：流量" in late
    assert "Data are fresh again: counts" in fresh
    assert lake.ledger.read("alerts").select("dataset", "late", "channels").rows() == [
        ("traffic.counts", True, ["wecom:robot"]),
        ("traffic.counts", False, ["wecom:robot"]),
    ]


def test_what_nobody_took_is_told_again(
    lake: Trial, city: Any, reply: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    city.answer = lambda asked: reply({"errcode": 0} if asked.times > 2 else b"", 503 if asked.times < 3 else 200)
    monkeypatch.setenv("CITYLAKE_NOTIFY", "wecom:robot")
    monkeypatch.setenv("CITYLAKE_CONN_ROBOT", json.dumps({"uri": city.url}))
    drop(lake, 30)
    assert [asked(capsys, "--notify")[0] for _ in range(3)] == [3, 2, 2]
    assert len(city.asked) == 4


def test_a_channel_that_did_not_hear_is_told_again_and_those_that_did_are_not(
    lake: Trial, city: Any, reply: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    city.answer = lambda asked: reply(b"no" if "deaf" in asked.path and asked.times == 0 else {"errcode": 0})
    monkeypatch.setenv("CITYLAKE_NOTIFY", "wecom:robot wecom:deaf")
    for name in ("robot", "deaf"):
        monkeypatch.setenv(f"CITYLAKE_CONN_{name.upper()}", json.dumps({"uri": f"{city.url}/{name}"}))
    drop(lake, 30)
    assert [asked(capsys, "--notify")[0] for _ in range(3)] == [3, 2, 2]
    assert [each.path for each in city.asked] == ["/robot", "/deaf", "/deaf"]


def test_many_datasets_that_are_late_at_once_are_few_messages(
    lake: Trial, city: Any, reply: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(11):
        lake.declare(
            f"datasets/counts{at}",
            COUNTS.replace("traffic.counts", f"traffic.counts_{at:02}").replace(
                "交通局", "市交通运输委员会综合交通运行指挥中心"
            ),
        )
    city.answer = lambda asked: reply({"errcode": 0})
    monkeypatch.setenv("CITYLAKE_NOTIFY", "wecom:robot")
    monkeypatch.setenv("CITYLAKE_CONN_ROBOT", json.dumps({"uri": city.url}))
    assert [asked(capsys, "--notify")[0] for _ in range(2)] == [2, 2]
    texts = [each.body["markdown"]["content"] for each in city.asked]
    assert ["8 个数据集的数据逾期" in text for text in texts] == [True, False]
    assert "4 个数据集的数据逾期" in texts[1]
    assert all(not text.endswith("…") for text in texts)
    for at in range(11):
        assert sum(f"traffic.counts_{at:02} of" in text for text in texts) == 1


def test_each_steward_is_mailed_of_what_is_theirs(
    lake: Trial, mailbox: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.declare("datasets/other", COUNTS.replace("traffic.counts", "traffic.other").replace("a@b.org", "c@d.org"))
    monkeypatch.setenv("CITYLAKE_NOTIFY", "smtp:mail")
    connection = {"uri": f"smtp://127.0.0.1:{mailbox.port}", "options": {"stewards": True}}
    monkeypatch.setenv("CITYLAKE_CONN_MAIL", json.dumps(connection))
    assert asked(capsys, "--notify")[0] == 2
    told = {to[0]: letter.get_content() for to, letter in mailbox.letters}
    assert told.keys() == {"a@b.org", "c@d.org"}
    assert "traffic.other" in told["c@d.org"]
    assert "traffic.other" not in told["a@b.org"]


def test_a_person_sees_who_is_late(lake: Trial, capsys: pytest.CaptureFixture[str]) -> None:
    drop(lake, 30)
    assert main(["freshness"]) == 2
    assert "traffic.counts" in capsys.readouterr().out


def test_a_test_message_reaches_every_channel_or_says_which_it_does_not(
    city: Any, reply: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["notify"]) == 1
    city.answer = lambda asked: reply({"errcode": 0})
    monkeypatch.setenv("CITYLAKE_CONN_ROBOT", json.dumps({"uri": city.url}))
    monkeypatch.setenv("CITYLAKE_NOTIFY", "wecom:robot")
    assert main(["notify"]) == 0
    assert "wecom:robot" in capsys.readouterr().out
    monkeypatch.setenv("CITYLAKE_NOTIFY_HELD", "wecom:unset")
    assert main(["notify"]) == 3
