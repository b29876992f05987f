"""The database that clients of a server are connected to: it holds answers, each for one session, and nothing else.

Quack would run a client's SQL itself. Here it runs ``FROM <answer>`` only, so that no client's SQL meets a database
in which Quack's functions exist, and a query of the mart ends at its limits.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import duckdb

from citylake.pipelines.lake.duckdb_extension import load_extension
from citylake.pipelines.lake.duckdb_sqltype import duckdb_sqltype
from citylake.pipelines.lake.private_folder import scratch_folder
from citylake.pipelines.marts.make.mart_engine import sql_identifier, sql_literal
from citylake.pipelines.read.confined_connection import confine_connection
from citylake.pipelines.read.query_limits import QueryLimits
from citylake.schemas.words.errors import CitylakeError

if TYPE_CHECKING:
    import pyarrow as pa

_ADMIT, _ANSWER = "citylake_admit", "citylake_answer"
_HERE = ("127.0.0.1", "localhost")
_SPILL_TIMES = 10
"""How many times their memory all answers together may take on disk."""
_KEPT_S, _KEPT_ACTIVE_S = 600.0, 86_400.0
"""How long an answer stays that was read to its end, and one that its client still reads, or left without a word."""


class QuackAnswers:
    """An in-memory database with Quack: who may connect, and what an SQL text is answered with, are callables."""

    def __init__(self, timezone: str, limits: QueryLimits) -> None:
        self._held = ExitStack()
        self._tables: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        spill = self._held.enter_context(scratch_folder())
        self._database = duckdb.connect()
        self._held.callback(self._database.close)
        self._database.execute(
            f"SET autoinstall_known_extensions = false; {limits.settings()}; "
            f"SET temp_directory = {sql_literal(spill)}; SET GLOBAL TimeZone = {sql_literal(timezone)}; "
            f"SET max_temp_directory_size = '{_SPILL_TIMES * limits.memory}B'"
        )
        # Quack takes the random numbers of its sessions from httpfs.
        for name in ("httpfs", "quack"):
            load_extension(self._database, name)

    def listen(
        self, host: str, port: int, admit: Callable[..., bool], answer: Callable[[str, str], str | None]
    ) -> None:
        """Listen at an address until :meth:`close`. Raises SERVE_NOT_LISTENING.

        ``admit``: whether a session may begin, by its id and the token offered; ``answer``: the SQL that Quack runs
        instead of a client's, by the session and the SQL. What fails in them is refused.
        """
        whole: dict[str, Any] = {"null_handling": "special", "side_effects": True}
        text = duckdb_sqltype("VARCHAR")
        self._database.create_function(_ADMIT, admit, [text] * 3, duckdb_sqltype("BOOLEAN"), **whole)
        self._database.create_function(_ANSWER, answer, [text] * 2, text, **whole)
        self._database.execute(f"SET GLOBAL quack_authentication_function = '{_ADMIT}'")
        self._database.execute(f"SET GLOBAL quack_authorization_function = '{_ANSWER}'")
        confine_connection(self._database)
        address = sql_literal(f"quack:{host}:{port}")
        # The token of Quack's own check is nobody's: ``admit`` decides.
        options = f"token = '{secrets.token_hex(32)}', allow_other_hostname = {str(host not in _HERE).lower()}"
        try:
            self._database.execute(f"CALL quack_serve({address}, {options})").fetchall()
        except duckdb.Error as error:
            raise CitylakeError("SERVE_NOT_LISTENING", host=host, port=port, why=str(error)) from error
        self._held.callback(self._stop, address)

    def keep(self, session: str, columns: Iterable[tuple[str, str]], rows: pa.RecordBatchReader) -> tuple[str, int]:
        """Store the answer of a session in place of its last one. Return the SQL that reads it, and its rows.

        ``columns``: name and type of each, as some types arrive otherwise through Arrow.
        """
        # A name that nobody else can tell: another session must not read it.
        name = f"answer_{secrets.token_hex(16)}"
        declared = ", ".join(f"{sql_identifier(column)} {kind}" for column, kind in columns)
        with self._database.cursor() as own:
            own.execute(f"CREATE TABLE {name} ({declared})")
            try:
                own.register("arriving", rows)
                found = own.execute(f"INSERT INTO {name} FROM arriving").fetchone()
            except BaseException:
                own.execute(f"DROP TABLE {name}")
                raise
            with self._lock:
                before, self._tables[session] = self._tables.get(session), (name, time.monotonic())
            if before:
                own.execute(f"DROP TABLE {before[0]}")
        return f"FROM {name}", int(found[0]) if found else 0

    def forget_ended(self) -> set[str]:
        """Drop the answers that nobody reads any more. Return the sessions that have ended since they asked."""
        with self._database.cursor() as own:
            with self._lock:
                known = dict(self._tables)
            states = dict(own.execute("SELECT connection_id, state FROM quack_active_connections()").fetchall())
            now = time.monotonic()
            for session, (name, made) in known.items():
                limit = _KEPT_ACTIVE_S if states.get(session) == "active" else _KEPT_S
                if session in states and now - made < limit:
                    continue
                with self._lock:
                    if self._tables.get(session) != (name, made):
                        continue
                    del self._tables[session]
                own.execute(f"DROP TABLE {name}")
        return known.keys() - states.keys()

    def close(self) -> None:
        """Stop listening, and forget the answers."""
        self._held.close()

    def _stop(self, address: str) -> None:
        self._database.execute(f"CALL quack_stop({address})").fetchall()
