"""A Spark Connect server as a process of this machine, Sail or Apache Spark."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from citylake.infra.airflow.child_process import Process, stop_processes, wait_for
from citylake.infra.airflow.native_services import LOOPBACK, free_ports
from citylake.infra.spark.spark_environments import JRE_PACKAGE, Server, is_made, java, spark_python

START_S, STOP_S = 120.0, 10.0
MEBIBYTES = 1024
SHORT_LIVED = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""For a server of small queries: without Java's second compiler, it starts and answers with half of the CPU seconds."""
_CLASS = "org.apache.spark.sql.connect.service.SparkConnectServer"


def lacks_java(server: Server) -> str | None:
    """Why a server cannot run on this machine at all, in English, or None."""
    if server != "apache" or java():
        return None
    return f"Apache Spark needs a Java runtime, and there is none: Debian's package is {JRE_PACKAGE}"


def what_is_missing(server: Server) -> str | None:
    """What a server lacks on this machine, in English, or None."""
    made = None if is_made(server) else f"the environment of {server} is not made: make spark-environments"
    return lacks_java(server) or made


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server, and how a client reaches it: ``sc://127.0.0.1:PORT``, or with a token ``sc://localhost:PORT/;token=…``."""

    address: str
    process: Process


@contextmanager
def running_server(
    server: Server, home: Path, port: int = 0, memory_mb: int = MEBIBYTES, java_options: Sequence[str] = ()
) -> Iterator[str]:
    """Start a server, yield its address ``sc://127.0.0.1:PORT``, and stop it, as :func:`started_server`."""
    with started_server(server, home, port, memory_mb, java_options) as started:
        yield started.address


@contextmanager
def started_server(
    server: Server,
    home: Path,
    port: int = 0,
    memory_mb: int = MEBIBYTES,
    java_options: Sequence[str] = (),
    token: str | None = None,
) -> Iterator[RunningServer]:
    """Start a server, yield it, and stop it.

    ``home`` gets the log (``<server>.log``) and temporary files; ``memory_mb`` bounds the heap of Java, or the memory
    pool of Sail; ``token`` is asked of every client by Apache Spark, and Sail has no such thing. Raises SERVICE_STOPPED
    with the end of the log where it does not start.
    """
    port = port or free_ports(1)[0]
    home.mkdir(parents=True, exist_ok=True)
    if server == "sail":
        command, settings = _sail(home, port, memory_mb)
    else:
        command, settings = _apache(home, port, memory_mb, java_options)
    asked = {"SPARK_CONNECT_AUTHENTICATE_TOKEN": token} if token else {}
    process = Process(server, command, {**os.environ, **settings, **asked}, home / f"{server}.log")
    try:
        wait_for(lambda: _listens(port), [process], START_S)
        # The client sends a token without TLS to this name alone.
        yield RunningServer(f"sc://localhost:{port}/;token={token}" if token else f"sc://{LOOPBACK}:{port}", process)
    finally:
        stop_processes([process], signal.SIGTERM, STOP_S)


def _sail(home: Path, port: int, memory_mb: int) -> tuple[list[str], Mapping[str, str]]:
    pool = "SAIL_RUNTIME__MEMORY_POOL__"
    settings = {
        f"{pool}TYPE": "fair",
        f"{pool}FAIR__MAX_SIZE": str(memory_mb << 20),
        "SAIL_RUNTIME__TEMPORARY_FILES__PATHS": f'["{home}"]',
    }
    return [str(spark_python("sail").with_name("sail")), "spark", "server", "--port", str(port)], settings


def _apache(home: Path, port: int, memory_mb: int, java_options: Sequence[str]) -> tuple[list[str], Mapping[str, str]]:
    """Java alone: the launcher's shell scripts and its Python would add seconds."""
    (jars,) = spark_python("apache").parents[1].glob("lib/python*/site-packages/pyspark/jars")
    options = {
        "spark.master": "local[*]",
        "spark.app.name": "citylake",
        "spark.connect.grpc.binding.address": LOOPBACK,
        "spark.connect.grpc.binding.port": port,
        "spark.driver.bindAddress": LOOPBACK,
        "spark.driver.host": LOOPBACK,
        "spark.ui.enabled": "false",
        "spark.local.dir": home,
        "spark.sql.warehouse.dir": home / "warehouse",
        "spark.sql.catalogImplementation": "in-memory",
        # The default of 200 is for clusters: on one machine most of those tasks would be empty.
        "spark.sql.shuffle.partitions": 2 * (os.cpu_count() or 1),
    }
    defines = [f"-D{name}={value}" for name, value in options.items()]
    heap = [f"-Xmx{memory_mb}m", f"-Djava.io.tmpdir={home}"]
    return [str(java()), *heap, *java_options, *_OPENED, *defines, "-cp", f"{jars}/*", _CLASS], {
        "SPARK_LOCAL_IP": LOOPBACK
    }


# What Spark's launcher opens of Java's modules (JavaModuleOptions).
_OPENED = (
    "--add-opens=java.base/java.lang=ALL-UNNAMED",
    "--add-opens=java.base/java.lang.invoke=ALL-UNNAMED",
    "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/java.net=ALL-UNNAMED",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.util=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
    "--add-opens=java.base/java.util.concurrent.atomic=ALL-UNNAMED",
    "--add-opens=java.base/jdk.internal.ref=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.cs=ALL-UNNAMED",
    "--add-opens=java.base/sun.security.action=ALL-UNNAMED",
    "--add-opens=java.base/sun.util.calendar=ALL-UNNAMED",
    "-Djdk.reflect.useDirectMethodHandle=false",
    "-Dio.netty.tryReflectionSetAccessible=true",
)


def _listens(port: int) -> bool:
    """Both servers listen only when they can answer."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex((LOOPBACK, port)) == 0
