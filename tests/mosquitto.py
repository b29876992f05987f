"""An MQTT broker of the tests' own, on a free port of the loopback: Mosquitto, which keeps sessions on disk."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.postgres import as_whom, free_port

_READY_S = 20
_CONFIG = """
listener {port} 127.0.0.1
{readers}
persistence true
persistence_location {home}/
max_queued_messages 0
"""


@dataclass
class Mosquitto:
    """One broker, which can be stopped and started again."""

    program: str
    home: Path
    port: int
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"mqtt://127.0.0.1:{self.port}"

    def start(self, reader: tuple[str, str] | None = None) -> None:
        """Start it, for everyone or for one reader with a password."""
        readers = f"allow_anonymous false\npassword_file {self.home}/readers" if reader else "allow_anonymous true"
        if reader:
            command = ["mosquitto_passwd", "-b", "-c", f"{self.home}/readers", *reader]
            subprocess.run(command, check=True, **as_whom())
        (self.home / "mosquitto.conf").write_text(_CONFIG.format(port=self.port, home=self.home, readers=readers))
        with (self.home / "log").open("ab") as log:
            command = [self.program, "-c", str(self.home / "mosquitto.conf")]
            self.running.append(subprocess.Popen(command, cwd=self.home, stdout=log, stderr=log, **as_whom()))
        self._wait()

    def stop(self) -> None:
        """End it as a system would: it writes its sessions first."""
        broker = self.running.pop()
        broker.send_signal(signal.SIGTERM)
        broker.wait(_READY_S)

    def publish(self, topic: str, payloads: Sequence[str | bytes], **how: Any) -> None:
        """Send messages one after the other, with QoS 1; the broker has all of them at the end."""
        client = self._client()
        client.loop_start()
        for payload in payloads:
            client.publish(topic, payload, **{"qos": 1, **how}).wait_for_publish(_READY_S)
        client.disconnect()
        client.loop_stop()

    def forget(self, client_id: str) -> None:
        """Make the broker forget a session."""
        client = self._client(client_id, clean=True)
        client.loop_start()
        client.disconnect()
        client.loop_stop()

    def _client(self, client_id: str = "", clean: bool = True) -> Any:
        from paho.mqtt.client import Client, MQTTv5
        from paho.mqtt.enums import CallbackAPIVersion

        client = Client(CallbackAPIVersion.VERSION2, client_id, protocol=MQTTv5)
        client.connect("127.0.0.1", self.port, clean_start=clean)
        return client

    def _wait(self) -> None:
        deadline = time.monotonic() + _READY_S
        while True:
            try:
                self._client().disconnect()
                return
            except OSError:
                assert time.monotonic() < deadline, (self.home / "log").read_text()
                time.sleep(0.05)


@pytest.fixture(scope="module")
def mosquitto() -> Iterator[Mosquitto]:
    """The broker, as a normal user, gone at the end."""
    pytest.importorskip("paho.mqtt.client", reason="paho-mqtt is not installed: pip install 'citylake[mqtt]'")
    program = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("there is no MQTT broker: Debian's package is mosquitto")
    whom = as_whom()
    with tempfile.TemporaryDirectory(prefix="citylake-mq-") as home:
        if whom:
            os.chown(home, whom["user"], whom["group"])
        broker = Mosquitto(program, Path(home), free_port())
        broker.start()
        try:
            yield broker
        finally:
            for each in broker.running:
                each.kill()
                each.wait()
