"""A session at a broker: nothing is lost or doubled, and only what is committed is acknowledged."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from pydantic import ValidationError

from citylake.pipelines.pull.connectors.mqtt import connector, fetch_mqtt
from citylake.pipelines.pull.connectors.mqtt.mqtt_session import MqttSession
from citylake.pipelines.pull.connectors.mqtt.mqtt_source import MqttSource
from tests.mosquitto import Mosquitto
from tests.trial import Trial

DATASET = "farm.messages"


@pytest.fixture
def declare(trial: Trial, mosquitto: Mosquitto, request: pytest.FixtureRequest) -> Callable[..., str]:
    """Declare the dataset over a session and a topic of the test's own; returns the topic."""
    topic = f"farm/{abs(hash(request.node.nodeid))}"

    def declare(**source: Any) -> str:
        trial.declare(
            "datasets/farm/messages",
            {
                "dataset": DATASET,
                "title": {"zh": "报文", "en": "messages"},
                "owner": {"department": "市农业农村局"},
                "source": {
                    "connector": "mqtt",
                    "url": mosquitto.url,
                    "client_id": topic.replace("/", ":"),
                    "topics": [f"{topic}/+"],
                    "idle_s": 0.25,
                    **source,
                },
                "fields": {
                    "payload.dev": {"element": "traffic.device_code", "required": True},
                    "payload.seq": {"element": "exchange.batch_no", "required": True},
                    "payload.t": {"element": "weather.air_temperature", "unit": "Cel", "optional": True},
                },
                "ignore": ["topic", "qos", "retained", "payload", "payload_base64"],
                "sensors": False,
                "write": {"mode": "upsert", "key": ["device_code", "batch_no"]},
            },
        )
        return topic

    return declare


def readings(first: int, last: int, device: str = "D1") -> list[str]:
    return [json.dumps({"dev": device, "seq": n, "t": 20.5}) for n in range(first, last + 1)]


def status(trial: Trial) -> dict[str, Any]:
    return trial.dataset(trial.run(), DATASET)


def known(trial: Trial) -> list[int]:
    return sorted(int(number) for number in trial.standard(DATASET)["batch_no"])


def codes(told: dict[str, Any]) -> list[str]:
    return [problem["code"] for problem in told["problems"]]


def test_what_came_between_two_runs_is_taken_once(
    trial: Trial, mosquitto: Mosquitto, declare: Callable[..., str]
) -> None:
    topic = declare()
    assert status(trial)["status"] == "unchanged"
    mosquitto.publish(f"{topic}/a", readings(1, 300))
    told = status(trial)
    assert (told["status"], told["rows_in"], told["rows_standard"]) == ("committed", 300, 300)
    assert trial.receipts(DATASET)[-1]["proof"] == "session"
    assert status(trial)["status"] == "unchanged"
    mosquitto.publish(f"{topic}/a", readings(301, 310))
    assert status(trial)["rows_in"] == 10
    assert known(trial) == list(range(1, 311))


def test_a_run_that_dies_before_the_acknowledgement_loses_and_doubles_nothing(
    trial: Trial, mosquitto: Mosquitto, declare: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = declare()
    trial.run()
    mosquitto.publish(f"{topic}/a", readings(1, 50))
    with monkeypatch.context() as dying:
        dying.setattr(connector.MqttConnector, "settle", _die)
        with pytest.raises(KeyboardInterrupt):
            trial.run()
    mosquitto.publish(f"{topic}/a", readings(51, 60))
    told = status(trial)
    assert (told["status"], told["rows_in"]) == ("committed", 60)
    assert known(trial) == list(range(1, 61))
    assert status(trial)["status"] == "unchanged"


def _die(*_: Any) -> None:
    raise KeyboardInterrupt


def test_the_same_messages_after_a_crash_are_the_same_bytes(
    trial: Trial, mosquitto: Mosquitto, declare: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = declare()
    trial.run()
    mosquitto.publish(f"{topic}/a", readings(1, 5))
    with monkeypatch.context() as dying:
        dying.setattr(connector.MqttConnector, "settle", _die)
        with pytest.raises(KeyboardInterrupt):
            trial.run()
    assert status(trial)["status"] == "unchanged"
    assert len({each["sha256"] for each in trial.receipts(DATASET) if each["sha256"]}) == 1
    mosquitto.publish(f"{topic}/a", readings(6, 6))
    assert status(trial)["rows_in"] == 1


def test_a_run_that_dies_between_two_acknowledgements_loses_and_doubles_nothing(
    trial: Trial, mosquitto: Mosquitto, declare: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = declare()
    trial.run()
    mosquitto.publish(f"{topic}/a", readings(1, 20))
    real = MqttSession.acknowledge

    def die_midway(session: MqttSession, messages: list[Any]) -> None:
        real(session, messages[:8])
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(MqttSession, "acknowledge", die_midway)
        with pytest.raises(KeyboardInterrupt):
            trial.run()
    mosquitto.publish(f"{topic}/a", readings(21, 25))
    assert status(trial)["rows_in"] == 17
    assert known(trial) == list(range(1, 26))
    assert status(trial)["status"] == "unchanged"


def test_a_pull_that_dies_midway_acknowledges_nothing(
    trial: Trial, mosquitto: Mosquitto, declare: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = declare()
    trial.run()
    mosquitto.publish(f"{topic}/a", readings(1, 20))
    with monkeypatch.context() as dying:
        dying.setattr(fetch_mqtt, "message_line", _die)
        with pytest.raises(KeyboardInterrupt):
            trial.run()
    assert status(trial)["rows_in"] == 20


def test_a_limit_leaves_the_rest_for_the_next_runs(
    trial: Trial, mosquitto: Mosquitto, declare: Callable[..., str]
) -> None:
    topic = declare(max_messages=30)
    trial.run()
    mosquitto.publish(f"{topic}/a", readings(1, 70))
    told = [status(trial) for _ in range(3)]
    assert [each["rows_in"] for each in told] == [30, 30, 10]
    assert [codes(each) for each in told] == [["MQTT_LIMIT_REACHED"], ["MQTT_LIMIT_REACHED"], []]
    assert known(trial) == list(range(1, 71))


def test_a_session_outlives_the_broker(trial: Trial, mosquitto: Mosquitto, declare: Callable[..., str]) -> None:
    topic = declare()
    trial.run()
    mosquitto.publish(f"{topic}/a", readings(1, 40))
    mosquitto.stop()
    assert codes(status(trial)) == ["MQTT_UNREACHABLE"]
    mosquitto.start()
    assert status(trial)["rows_in"] == 40


def test_a_session_that_the_broker_forgot_is_reported(
    trial: Trial, mosquitto: Mosquitto, declare: Callable[..., str]
) -> None:
    topic = declare()
    trial.run()
    mosquitto.publish(f"{topic}/a", readings(1, 3))
    trial.run()
    mosquitto.forget(topic.replace("/", ":"))
    mosquitto.publish(f"{topic}/a", readings(4, 6), retain=True)
    assert codes(status(trial)) == ["MQTT_SESSION_LOST"]
    assert known(trial) == [1, 2, 3, 6]


def test_retained_messages_are_marked_and_come_once(
    trial: Trial, mosquitto: Mosquitto, declare: Callable[..., str]
) -> None:
    topic = declare()
    mosquitto.publish(f"{topic}/a", readings(7, 7), retain=True)
    assert status(trial)["rows_in"] == 1
    mosquitto.publish(f"{topic}/a", readings(8, 8))
    assert status(trial)["rows_in"] == 1
    lines = [
        json.loads(trial.lake.fs.read_bytes(each["landing"][0])) for each in trial.receipts(DATASET) if each["landing"]
    ]
    assert [line["retained"] for line in lines] == [True, False]


def test_a_message_that_nobody_can_acknowledge_is_counted_and_left(
    trial: Trial, mosquitto: Mosquitto, declare: Callable[..., str]
) -> None:
    topic = declare()
    trial.run()
    mosquitto.publish(f"{topic}/a", readings(1, 1))
    trial.run()
    mosquitto.publish(f"{topic}/b", readings(9, 9), retain=True, qos=0)
    mosquitto.forget(topic.replace("/", ":"))
    mosquitto.publish(f"{topic}/c", readings(2, 2), retain=True)
    told = status(trial)
    assert (told["rows_in"], codes(told)) == (1, ["MQTT_SESSION_LOST", "MQTT_QOS0"])


def test_a_payload_that_is_no_text_refuses_its_row_alone(
    trial: Trial, mosquitto: Mosquitto, declare: Callable[..., str]
) -> None:
    topic = declare()
    trial.run()
    mosquitto.publish(f"{topic}/a", [b"\xff\xfe\x01", b'{"dev": "D1", "se', *readings(1, 40)])
    told = status(trial)
    assert (told["rows_in"], told["rows_standard"], told["rows_quarantined"]) == (42, 40, 2)


def test_other_messages_than_those_that_were_read_are_not_acknowledged(
    trial: Trial, mosquitto: Mosquitto, declare: Callable[..., str], monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = declare()
    trial.run()
    mosquitto.publish(f"{topic}/a", readings(1, 5))
    with monkeypatch.context() as moving:
        real = connector.MqttConnector.settle
        moving.setattr(
            connector.MqttConnector,
            "settle",
            lambda self, source, pulling, state: real(self, source, pulling, {**state, "digest": "0" * 64}),
        )
        assert "MQTT_SESSION_MOVED" in codes(status(trial))
    assert status(trial)["status"] == "unchanged"
    mosquitto.publish(f"{topic}/a", readings(6, 6))
    assert status(trial)["rows_in"] == 1
    assert known(trial) == list(range(1, 7))


@pytest.mark.parametrize(
    "source",
    [
        {"url": "mqtt://h:1", "format": {"type": "csv"}},
        {"url": "mqtt://h", "topics": []},
        {"url": "mqtt://h", "topics": ["a/#/b"]},
    ],
)
def test_a_contract_says_lines_and_topics(source: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        MqttSource.model_validate({"connector": "mqtt", "client_id": "c", "topics": ["a"], **source})


@pytest.mark.parametrize(
    ("url", "address"),
    [("mqtt://b", ("b", 1883)), ("mqtts://b/", ("b", 8883)), ("mqtt://[::1]:99", ("::1", 99))],
)
def test_ports_are_the_registered_ones_if_none_is_said(url: str, address: tuple[str, int]) -> None:
    assert (
        MqttSource.model_validate({"connector": "mqtt", "client_id": "c", "topics": ["a"], "url": url}).address
        == address
    )
